// One webhook.
import { createFileRoute } from '@tanstack/react-router'

import { WebhookPage } from '@/features/webhooks/webhook-page'

export const Route = createFileRoute('/webhooks/webhook/$id')({ component: Webhook })

function Webhook() {
  return <WebhookPage id={Route.useParams().id} />
}
