// Small labels: tags, counts, words about an object.
import type { ReactNode } from 'react'

import styles from './badge.module.css'

/** A word on a quiet ground. */
export function Badge({
  children,
  tone = 'plain',
}: {
  children: ReactNode
  tone?: 'plain' | 'accent' | 'warn' | 'good' | 'bad'
}) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {children}
    </span>
  )
}

/** Tags in a row; nothing where there are none. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <span className={styles.row} role="list" aria-label="Tags">
      {tags.map((tag) => (
        <span key={tag} role="listitem" className={styles.badge}>
          {tag}
        </span>
      ))}
    </span>
  )
}
