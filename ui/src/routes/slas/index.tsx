// All service level agreements.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { readSlasSearch } from '@/features/slas/search'
import { SlasPage } from '@/features/slas/slas-page'

export const Route = createFileRoute('/slas/')({
  component: Slas,
  validateSearch: (raw) => readSlasSearch(raw, PAGE_SIZES),
})

function Slas() {
  const navigate = Route.useNavigate()
  return (
    <SlasPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
