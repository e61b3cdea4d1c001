// One block.
import { createFileRoute } from '@tanstack/react-router'

import { BlockPage } from '@/features/blocks/block-page'

export const Route = createFileRoute('/blocks/block/$id')({ component: Block })

function Block() {
  const { id } = Route.useParams()
  return <BlockPage key={id} id={id} />
}
