// A new block of a type.
import { createFileRoute } from '@tanstack/react-router'

import { NewBlockPage } from '@/features/blocks/edit-block-pages'

export const Route = createFileRoute('/blocks/new/$slug')({ component: NewBlock })

function NewBlock() {
  const { slug } = Route.useParams()
  return <NewBlockPage key={slug} slug={slug} />
}
