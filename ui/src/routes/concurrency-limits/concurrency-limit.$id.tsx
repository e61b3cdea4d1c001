// One concurrency limit with the ledger of its slots.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { LimitPage } from '@/features/concurrency-limits/limit-page'
import { readListSearch } from '@/lib/list-search'

export const Route = createFileRoute('/concurrency-limits/concurrency-limit/$id')({
  component: Limit,
  validateSearch: (raw) => readListSearch(raw, PAGE_SIZES),
})

function Limit() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <LimitPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
