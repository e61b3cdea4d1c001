// All deployments.
import { createFileRoute } from '@tanstack/react-router'

import { DeploymentsPage } from '@/features/deployments/deployments-page'
import { readDeploymentsSearch } from '@/features/deployments/list-search'

export const Route = createFileRoute('/deployments/')({
  component: Deployments,
  validateSearch: readDeploymentsSearch,
})

function Deployments() {
  const navigate = Route.useNavigate()
  return (
    <DeploymentsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
