// All variables.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { VariablesPage } from '@/features/variables/variables-page'
import { readListSearch } from '@/lib/list-search'

export const Route = createFileRoute('/variables')({
  component: Variables,
  validateSearch: (raw) => readListSearch(raw, PAGE_SIZES),
})

function Variables() {
  const navigate = Route.useNavigate()
  return (
    <VariablesPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
