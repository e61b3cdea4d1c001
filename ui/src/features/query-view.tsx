// The three faces of what is asked for: on its way, failed, here. Each panel has its own, so that one failure stays small.
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'

import { messageOf } from '@/api/errors'
import { ErrorPanel } from '@/design/error-panel'
import { Skeleton } from '@/design/skeleton'

import styles from './query-view.module.css'

/** Milliseconds. */
const LASTING = 400

interface QueryViewProps<T> {
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
  /** What stands there until the answer comes. */
  placeholder?: ReactNode
  errorTitle?: string
}

/** Show what a query has brought. Older data stays while newer is asked for; the answer to another question is dimmed. */
export function QueryView<T>({ query, children, placeholder = <Skeleton />, errorTitle }: QueryViewProps<T>) {
  const isBusy = useLasting(query.isPlaceholderData)
  if (query.data !== undefined) {
    return (
      <div className={styles.view} aria-busy={isBusy || undefined}>
        {children(query.data)}
      </div>
    )
  }
  if (query.isError)
    return <ErrorPanel title={errorTitle} message={messageOf(query.error)} onRetry={() => void query.refetch()} />
  return placeholder
}

/** Whether something holds for so long that people should see it: quick answers do not flicker. */
function useLasting(holds: boolean): boolean {
  const [lasts, setLasts] = useState(false)
  useEffect(() => {
    if (!holds) return
    const timer = setTimeout(() => setLasts(true), LASTING)
    return () => {
      clearTimeout(timer)
      setLasts(false)
    }
  }, [holds])
  return holds && lasts
}
