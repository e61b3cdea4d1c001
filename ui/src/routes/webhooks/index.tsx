// All webhooks.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { readWebhooksSearch } from '@/features/webhooks/search'
import { WebhooksPage } from '@/features/webhooks/webhooks-page'

export const Route = createFileRoute('/webhooks/')({
  component: Webhooks,
  validateSearch: (raw) => readWebhooksSearch(raw, PAGE_SIZES),
})

function Webhooks() {
  const navigate = Route.useNavigate()
  return (
    <WebhooksPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
