// Markdown; what reads it is loaded when there is some.
import { lazy, Suspense } from 'react'

import { Skeleton } from './skeleton'

const MarkdownView = lazy(() => import('./markdown-view'))

/** The text as it is meant. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<Skeleton />}>
      <MarkdownView text={text} />
    </Suspense>
  )
}
