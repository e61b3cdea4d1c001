// One event.
import { createFileRoute } from '@tanstack/react-router'

import { EventPage } from '@/features/events/event-page'
import { readEventSearch } from '@/features/events/search'

export const Route = createFileRoute('/events/event/$id')({ component: Event, validateSearch: readEventSearch })

function Event() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <EventPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
