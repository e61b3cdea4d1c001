// The states that a run has been in, the latest first.
import { secondsBetween } from '@/lib/time'

import styles from './state-history.module.css'
import { StateBadge } from './states'
import { Duration, Time } from './time'

interface PastState {
  id: string
  type: string
  name: string | null
  message: string | null
  timestamp: string
}

/** The list. */
export function StateHistory({ states }: { states: readonly PastState[] }) {
  const inOrder = [...states].sort((one, other) => one.timestamp.localeCompare(other.timestamp))
  return (
    <ol className={styles.list}>
      {inOrder
        .map((state, index) => {
          const next = inOrder[index + 1]
          return (
            <li key={state.id} className={styles.state}>
              <StateBadge type={state.type} name={state.name} />
              <span className={styles.time}>
                <Time value={state.timestamp} />
                {next !== undefined && (
                  <>
                    {' · for '}
                    <Duration seconds={secondsBetween(state.timestamp, next.timestamp, 0)} />
                  </>
                )}
              </span>
              {state.message && <p className={styles.message}>{state.message}</p>}
            </li>
          )
        })
        .reverse()}
    </ol>
  )
}
