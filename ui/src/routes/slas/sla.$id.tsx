// One agreement.
import { createFileRoute } from '@tanstack/react-router'

import { SlaPage } from '@/features/slas/sla-page'

export const Route = createFileRoute('/slas/sla/$id')({ component: Sla })

function Sla() {
  const { id } = Route.useParams()
  return <SlaPage key={id} id={id} />
}
