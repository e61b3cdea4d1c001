// One task run.
import { createFileRoute } from '@tanstack/react-router'

import { TaskRunPage } from '@/features/task-runs/task-run-page'
import { readTaskRunSearch } from '@/features/task-runs/task-run-search'

export const Route = createFileRoute('/runs/task-run/$id')({ component: TaskRun, validateSearch: readTaskRunSearch })

function TaskRun() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <TaskRunPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
