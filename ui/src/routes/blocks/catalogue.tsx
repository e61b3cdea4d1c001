// All block types.
import { createFileRoute } from '@tanstack/react-router'

import { CataloguePage } from '@/features/blocks/catalogue-page'
import { readCatalogueSearch } from '@/features/blocks/search'

export const Route = createFileRoute('/blocks/catalogue')({ component: Catalogue, validateSearch: readCatalogueSearch })

function Catalogue() {
  const navigate = Route.useNavigate()
  return (
    <CataloguePage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
