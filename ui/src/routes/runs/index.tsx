// All runs, by what the address asks for.
import { createFileRoute, redirect } from '@tanstack/react-router'

import { flowRunsQuery } from '@/api/flow-runs'
import { meantBy } from '@/features/flow-runs/remembered'
import { RunsPage } from '@/features/flow-runs/runs-page'
import { readRunsSearch, runsAsked } from '@/features/flow-runs/search'

export const Route = createFileRoute('/runs/')({
  validateSearch: readRunsSearch,
  beforeLoad: ({ search }) => {
    const meant = meantBy(search)
    if (meant !== null) throw redirect({ to: '/runs', search: meant, replace: true })
  },
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    if (deps.tab !== 'task-runs') void context.queryClient.prefetchQuery(flowRunsQuery(runsAsked(deps, Date.now())))
  },
  component: Runs,
})

function Runs() {
  const navigate = Route.useNavigate()
  return <RunsPage search={Route.useSearch()} onSearch={(search) => void navigate({ search })} />
}
