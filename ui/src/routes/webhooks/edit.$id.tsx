// Changes a webhook.
import { createFileRoute } from '@tanstack/react-router'

import { EditWebhookPage } from '@/features/webhooks/webhook-form'

export const Route = createFileRoute('/webhooks/edit/$id')({ component: Edit })

function Edit() {
  const { id } = Route.useParams()
  return <EditWebhookPage key={id} id={id} />
}
