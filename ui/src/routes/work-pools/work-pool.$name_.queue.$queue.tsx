// One work queue.
import { createFileRoute } from '@tanstack/react-router'

import { WorkQueuePage } from '@/features/work-pools/queue-page'
import { readWorkQueueSearch } from '@/features/work-pools/search'

export const Route = createFileRoute('/work-pools/work-pool/$name_/queue/$queue')({
  component: WorkQueue,
  validateSearch: readWorkQueueSearch,
})

function WorkQueue() {
  const { name, queue } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <WorkQueuePage
      pool={name}
      name={queue}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
