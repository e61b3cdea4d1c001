// The event feed.
import { createFileRoute } from '@tanstack/react-router'

import { EventsPage } from '@/features/events/events-page'
import { readEventsSearch } from '@/features/events/search'

export const Route = createFileRoute('/events/')({ component: Events, validateSearch: readEventsSearch })

function Events() {
  const navigate = Route.useNavigate()
  return <EventsPage search={Route.useSearch()} onSearch={(search) => void navigate({ search, resetScroll: false })} />
}
