// All blocks.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { BlocksPage } from '@/features/blocks/blocks-page'
import { readBlocksSearch } from '@/features/blocks/search'

export const Route = createFileRoute('/blocks/')({
  component: Blocks,
  validateSearch: (raw) => readBlocksSearch(raw, PAGE_SIZES),
})

function Blocks() {
  const navigate = Route.useNavigate()
  return (
    <BlocksPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
