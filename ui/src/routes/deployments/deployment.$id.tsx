// One deployment.
import { createFileRoute } from '@tanstack/react-router'

import { DeploymentPage } from '@/features/deployments/deployment-page'
import { readDeploymentSearch } from '@/features/deployments/deployment-search'

export const Route = createFileRoute('/deployments/deployment/$id')({
  component: Deployment,
  validateSearch: readDeploymentSearch,
})

function Deployment() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <DeploymentPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
