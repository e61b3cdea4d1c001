// How forms lie: one part below the other, short fields beside one another, what helps at the side.
import type { FormEvent, ReactNode } from 'react'

import styles from './form.module.css'

interface FormProps {
  /** Tied to a button elsewhere by this, as in a dialog. */
  id?: string
  onSubmit: () => void
  /** Why it could not be done. */
  problem?: string | null
  children: ReactNode
}

/** A form that stays on its page. */
export function Form({ id, onSubmit, problem, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form id={id} className={styles.form} onSubmit={submit}>
      {children}
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
    </form>
  )
}

/** Parts below one another. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.form}>{children}</div>
}

/** Short fields beside one another, as many as fit. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={styles.fields}>{children}</div>
}

/** The main thing, and at its side what helps with it; below it where there is no room. */
export function Split({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className={styles.split}>
      {children}
      <div className={styles.side}>{side}</div>
    </div>
  )
}
