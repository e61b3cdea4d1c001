// One flow run.
import { createFileRoute } from '@tanstack/react-router'

import { flowRunQuery } from '@/api/flow-runs'
import { FlowRunPage } from '@/features/flow-runs/flow-run-page'
import { readFlowRunSearch } from '@/features/flow-runs/flow-run-search'

export const Route = createFileRoute('/runs/flow-run/$id')({
  validateSearch: readFlowRunSearch,
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(flowRunQuery(params.id)),
  component: FlowRun,
})

function FlowRun() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <FlowRunPage
      key={id}
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
