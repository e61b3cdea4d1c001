// All incidents.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { IncidentsPage } from '@/features/incidents/incidents-page'
import { readIncidentsSearch } from '@/features/incidents/search'

export const Route = createFileRoute('/incidents/')({
  component: Incidents,
  validateSearch: (raw) => readIncidentsSearch(raw, PAGE_SIZES),
})

function Incidents() {
  const navigate = Route.useNavigate()
  return (
    <IncidentsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
