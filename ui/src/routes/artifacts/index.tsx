// All artifacts.
import { createFileRoute } from '@tanstack/react-router'

import { PAGE_SIZES } from '@/design/pager'
import { ArtifactsPage } from '@/features/artifacts/artifacts-page'
import { readArtifactsSearch } from '@/features/artifacts/search'

export const Route = createFileRoute('/artifacts/')({
  component: Artifacts,
  validateSearch: (raw) => readArtifactsSearch(raw, PAGE_SIZES),
})

function Artifacts() {
  const navigate = Route.useNavigate()
  return (
    <ArtifactsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
