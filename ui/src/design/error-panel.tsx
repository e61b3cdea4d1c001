// What a panel shows when something went wrong in it: what, and a way to try again. The rest of the page goes on.
import { CircleAlert } from 'lucide-react'
import { Component, type ErrorInfo, type ReactNode } from 'react'

import { Button } from './button'
import styles from './error-panel.module.css'

/** An error with a retry. */
export function ErrorPanel({
  title = 'This could not be loaded',
  message,
  onRetry,
}: {
  title?: string
  message: string
  onRetry?: () => void
}) {
  return (
    <div role="alert" className={styles.error}>
      <CircleAlert size={18} aria-hidden className={styles.icon} />
      <div className={styles.words}>
        <strong>{title}</strong>
        <span>{message}</span>
      </div>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

interface BoundaryState {
  error: Error | null
}

/** Keeps an error of what it holds to itself. */
export class PanelBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null }

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <ErrorPanel
        title="This part of the page failed"
        message={error.message}
        onRetry={() => this.setState({ error: null })}
      />
    )
  }
}
