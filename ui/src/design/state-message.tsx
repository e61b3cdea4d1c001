// What a state says of itself, such as why a run failed.
import styles from './state-message.module.css'
import { kindOf } from './states'

/** The message of a state, as it was written. */
export function StateMessage({ type, message }: { type: string | null; message: string }) {
  return (
    <pre
      className={styles.message}
      data-kind={kindOf(type)}
      tabIndex={0}
      role="region"
      aria-label="Message of the state"
    >
      {message}
    </pre>
  )
}
