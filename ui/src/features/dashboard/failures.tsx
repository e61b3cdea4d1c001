// What fails, the most frequent cause first.
import { Link } from '@tanstack/react-router'

import type { FlowRun } from '@/api/types'
import { StateGlyph } from '@/design/states'
import { Time } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'

import { groupByCause } from './causes'
import styles from './lists.module.css'
import type { DashboardRange } from './search'

const SHOWN = 6

interface FailuresProps {
  runs: readonly FlowRun[]
  flows: ReadonlyMap<string, string> | undefined
  range: DashboardRange
  tags: string[] | undefined
  /** Whether there may be more failures than these. */
  isCut: boolean
}

/** The causes. */
export function Failures({ runs, flows, range, tags, isCut }: FailuresProps) {
  if (runs.length === 0) return <p className={styles.none}>Nothing failed in this time.</p>
  const causes = groupByCause(runs)
  return (
    <ul>
      {causes.slice(0, SHOWN).map(({ message, flowId, runs: failed }) => {
        const latest = failed[0]
        return (
          latest && (
            <li key={latest.id} className={styles.item}>
              <StateGlyph kind={latest.state_type === 'CRASHED' ? 'crashed' : 'failed'} />
              <div className={styles.main}>
                <p className={styles.cause} title={message}>
                  {message}
                </p>
                <p className={styles.sub}>
                  <Link to="/runs" search={{ range, tags, flow: flowId, states: ['FAILED', 'CRASHED'] }}>
                    {failed.length === 1 ? '1 run' : `${failed.length} runs`} of {flows?.get(flowId) ?? '…'}
                  </Link>
                  {', last '}
                  <FlowRunLink id={latest.id} name={latest.name} />{' '}
                  <Time value={latest.end_time ?? latest.state?.timestamp ?? latest.start_time ?? ''} look="relative" />
                </p>
              </div>
            </li>
          )
        )
      })}
      {(isCut || causes.length > SHOWN) && (
        <li className={styles.none}>
          <Link to="/runs" search={{ range, tags, states: ['FAILED', 'CRASHED'] }}>
            All failures
          </Link>
        </li>
      )}
    </ul>
  )
}
