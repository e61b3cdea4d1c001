// A block type by the first letters of its name: pictures would be asked of others' servers.
import styles from './blocks.module.css'

/** The letters on a ground. */
export function TypeMark({ name }: { name: string }) {
  const letters = name
    .split(/[\s-]+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
  return (
    <span className={styles.initials} aria-hidden>
      {letters.join('')}
    </span>
  )
}
