// What stands where nothing is yet: what would be here, and how to make it, with a snippet to copy.
import type { ReactNode } from 'react'

import { CodeBlock } from './code-block'
import styles from './empty-state.module.css'

/** An empty list that teaches. */
export function EmptyState({
  title,
  children,
  snippet,
  action,
}: {
  title: string
  children?: ReactNode
  snippet?: string
  action?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <p className={styles.text}>{children}</p>}
      {snippet !== undefined && <CodeBlock code={snippet} label="Example" />}
      {action}
    </div>
  )
}
