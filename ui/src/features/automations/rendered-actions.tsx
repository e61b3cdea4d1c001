// What actions would do: on what, and with their templates filled in.
import type { BacktestFiring } from '@/api/types'

import styles from './automations.module.css'
import { ACTION_LABELS } from './words'

/** The list. */
export function RenderedActions({ actions }: { actions: BacktestFiring['actions'] }) {
  return (
    <ul className={styles.rendered}>
      {actions.map((action) => (
        <li key={action.index}>
          {ACTION_LABELS[action.type as keyof typeof ACTION_LABELS] ?? action.type}
          {action.target !== null && <code> {action.target}</code>}
          {action.reason !== null && <p className={styles.problem}>It would fail: {action.reason}</p>}
          {Object.entries(action.rendered).map(([member, value]) => (
            <pre key={member} tabIndex={0} role="region" aria-label={`${member}, filled in`}>
              {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
            </pre>
          ))}
        </li>
      ))}
    </ul>
  )
}
