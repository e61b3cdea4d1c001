// Changes a deployment.
import { createFileRoute } from '@tanstack/react-router'

import { EditPage } from '@/features/deployments/edit-page'

export const Route = createFileRoute('/deployments/edit/$id')({ component: Edit })

function Edit() {
  const { id } = Route.useParams()
  return <EditPage key={id} id={id} />
}
