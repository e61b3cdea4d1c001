// How much of something is used or done.
import styles from './meter.module.css'

interface MeterProps {
  label: string
  value: number
  max: number
  /** What stands beside the bar. */
  text: string
  tone?: 'plain' | 'full'
}

/** A bar with its value in words. */
export function Meter({ label, value, max, text, tone = 'plain' }: MeterProps) {
  const share = max <= 0 ? (value > 0 ? 100 : 0) : Math.min(100, Math.max(0, (value / max) * 100))
  return (
    <span className={styles.meter}>
      <span
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(max, value)}
        aria-valuenow={value}
        aria-valuetext={text}
        className={styles.bar}
      >
        <span className={styles.part} data-tone={tone} style={{ width: `${share}%` }} />
      </span>
      <span className={styles.text}>{text}</span>
    </span>
  )
}
