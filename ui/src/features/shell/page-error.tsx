// A page that could not be shown at all, and an address that leads nowhere.
import { type ErrorComponentProps, Link } from '@tanstack/react-router'

import { messageOf } from '@/api/errors'
import { EmptyState } from '@/design/empty-state'
import { ErrorPanel } from '@/design/error-panel'
import { Page } from '@/design/page'

/** Instead of a page that failed. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page failed">
      <ErrorPanel message={messageOf(error)} onRetry={reset} />
    </Page>
  )
}

/** Instead of a page that there is not. */
export function PageMissing() {
  return (
    <Page title="Nothing is here">
      <EmptyState title="No page has this address" action={<Link to="/dashboard">Go to the dashboard</Link>} />
    </Page>
  )
}
