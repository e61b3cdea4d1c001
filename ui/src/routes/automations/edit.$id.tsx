// Changes an automation.
import { createFileRoute } from '@tanstack/react-router'

import { EditPage } from '@/features/automations/editor-page'

export const Route = createFileRoute('/automations/edit/$id')({ component: Edit })

function Edit() {
  const { id } = Route.useParams()
  return <EditPage key={id} id={id} />
}
