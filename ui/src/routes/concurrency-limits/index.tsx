// Concurrency limits, named and on tags.
import { createFileRoute } from '@tanstack/react-router'

import { LimitsPage } from '@/features/concurrency-limits/limits-page'
import { readLimitsSearch } from '@/features/concurrency-limits/search'

export const Route = createFileRoute('/concurrency-limits/')({ component: Limits, validateSearch: readLimitsSearch })

function Limits() {
  const navigate = Route.useNavigate()
  return (
    <LimitsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
