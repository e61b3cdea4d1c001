// One work pool.
import { createFileRoute } from '@tanstack/react-router'

import { readWorkPoolSearch } from '@/features/work-pools/search'
import { WorkPoolPage } from '@/features/work-pools/work-pool-page'

export const Route = createFileRoute('/work-pools/work-pool/$name')({
  component: WorkPool,
  validateSearch: readWorkPoolSearch,
})

function WorkPool() {
  const { name } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <WorkPoolPage
      name={name}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
