// All work pools.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { WorkPoolsPage } from '@/features/work-pools/work-pools-page'
import { readListSearch } from '@/lib/list-search'

export const Route = createFileRoute('/work-pools/')({
  component: WorkPools,
  validateSearch: (raw) => readListSearch(raw, PAGE_SIZES),
})

function WorkPools() {
  const navigate = Route.useNavigate()
  return (
    <WorkPoolsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
