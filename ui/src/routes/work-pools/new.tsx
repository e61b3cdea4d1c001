// A new work pool.
import { createFileRoute } from '@tanstack/react-router'

import { NewPoolPage } from '@/features/work-pools/new-pool-page'
import { readNewPoolSearch } from '@/features/work-pools/search'

export const Route = createFileRoute('/work-pools/new')({ component: NewPool, validateSearch: readNewPoolSearch })

function NewPool() {
  const navigate = Route.useNavigate()
  // Each step is a place of its own in the browser's history: its way back leads one step back.
  return <NewPoolPage search={Route.useSearch()} onStep={(search) => void navigate({ search })} />
}
