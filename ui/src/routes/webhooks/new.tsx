// Makes a webhook.
import { createFileRoute } from '@tanstack/react-router'

import { NewWebhookPage } from '@/features/webhooks/webhook-form'

export const Route = createFileRoute('/webhooks/new')({ component: NewWebhookPage })
