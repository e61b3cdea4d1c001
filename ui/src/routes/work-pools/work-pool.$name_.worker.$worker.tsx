// One worker.
import { createFileRoute } from '@tanstack/react-router'

import { WorkerPage } from '@/features/work-pools/worker-page'

export const Route = createFileRoute('/work-pools/work-pool/$name_/worker/$worker')({ component: Worker })

function Worker() {
  const { name, worker } = Route.useParams()
  return <WorkerPage pool={name} name={worker} />
}
