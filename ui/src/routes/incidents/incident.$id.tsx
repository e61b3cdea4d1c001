// One incident.
import { createFileRoute } from '@tanstack/react-router'

import { IncidentPage } from '@/features/incidents/incident-page'

export const Route = createFileRoute('/incidents/incident/$id')({ component: Incident })

function Incident() {
  const { id } = Route.useParams()
  return <IncidentPage key={id} id={id} />
}
