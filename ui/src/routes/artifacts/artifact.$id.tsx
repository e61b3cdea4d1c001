// One artifact.
import { createFileRoute } from '@tanstack/react-router'

import { artifactQuery } from '@/api/artifacts'
import { ArtifactPage } from '@/features/artifacts/artifact-page'
import { readArtifactSearch } from '@/features/artifacts/search'

export const Route = createFileRoute('/artifacts/artifact/$id')({
  validateSearch: readArtifactSearch,
  component: Artifact,
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(artifactQuery(params.id)),
})

function Artifact() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <ArtifactPage
      key={id}
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
