// All flows.
import { createFileRoute } from '@tanstack/react-router'

import { FlowsPage } from '@/features/flows/flows-page'
import { readFlowsSearch } from '@/features/flows/list-search'

export const Route = createFileRoute('/flows/')({
  component: Flows,
  validateSearch: readFlowsSearch,
})

function Flows() {
  const navigate = Route.useNavigate()
  return (
    <FlowsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
