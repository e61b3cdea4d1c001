// Changes one work pool.
import { createFileRoute } from '@tanstack/react-router'

import { EditPoolPage } from '@/features/work-pools/edit-pool-page'

export const Route = createFileRoute('/work-pools/work-pool/$name_/edit')({ component: EditPool })

function EditPool() {
  const { name } = Route.useParams()
  return <EditPoolPage name={name} />
}
