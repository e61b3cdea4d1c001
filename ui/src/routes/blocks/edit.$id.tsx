// The form that changes a block.
import { createFileRoute } from '@tanstack/react-router'

import { EditBlockPage } from '@/features/blocks/edit-block-pages'

export const Route = createFileRoute('/blocks/edit/$id')({ component: EditBlock })

function EditBlock() {
  const { id } = Route.useParams()
  return <EditBlockPage key={id} id={id} />
}
