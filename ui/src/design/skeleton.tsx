// Where something will be: quiet bars of about its size, so that nothing jumps when it comes.
import styles from './skeleton.module.css'

/** Bars for lines of text or rows of a table. */
export function Skeleton({ lines = 3, height = '1rem' }: { lines?: number; height?: string }) {
  return (
    <div role="status" aria-label="Loading" className={styles.lines}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className={styles.line} style={{ height, width: `${94 - ((index * 17) % 38)}%` }} />
      ))}
    </div>
  )
}
