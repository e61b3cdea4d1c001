// All automations.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { AutomationsPage } from '@/features/automations/automations-page'
import { readListSearch } from '@/lib/list-search'

export const Route = createFileRoute('/automations/')({
  component: Automations,
  validateSearch: (raw) => readListSearch(raw, PAGE_SIZES),
})

function Automations() {
  const navigate = Route.useNavigate()
  return (
    <AutomationsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
