// One flow.
import { createFileRoute } from '@tanstack/react-router'

import { FlowPage } from '@/features/flows/flow-page'
import { readFlowSearch } from '@/features/flows/flow-search'

export const Route = createFileRoute('/flows/flow/$id')({ component: Flow, validateSearch: readFlowSearch })

function Flow() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <FlowPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
