// What needs somebody now.
import { createFileRoute } from '@tanstack/react-router'

import { DashboardPage } from '@/features/dashboard/dashboard-page'
import { readDashboardSearch } from '@/features/dashboard/search'

export const Route = createFileRoute('/dashboard')({ validateSearch: readDashboardSearch, component: Dashboard })

function Dashboard() {
  const navigate = Route.useNavigate()
  return <DashboardPage search={Route.useSearch()} onSearch={(search) => void navigate({ search })} />
}
