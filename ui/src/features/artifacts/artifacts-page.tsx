// All artifacts that have a key, by the latest of each.
import { useQuery } from '@tanstack/react-query'
import { LayoutGrid, List } from 'lucide-react'

import { latestArtifactsQuery } from '@/api/artifacts'
import { flowRunNamesQuery } from '@/api/flow-runs'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import { ArtifactsGrid } from './artifacts-grid'
import { ArtifactsTable } from './artifacts-table'
import { ARTIFACT_TYPES, type ArtifactsSearch } from './search'

const LIMIT = 50
const SNIPPET = `from ostinato.artifacts import create_table_artifact

create_table_artifact(
    [{"region": "eu", "rows": 1200}],
    key="load-result",
    description="Rows that were loaded",
)`
const TYPE_OPTIONS = [['', 'All types'], ...ARTIFACT_TYPES.map((type) => [type, type] as const)] as const

/** The page. */
export function ArtifactsPage({
  search,
  onSearch,
}: {
  search: ArtifactsSearch
  onSearch: (search: ArtifactsSearch) => void
}) {
  const limit = search.limit ?? LIMIT
  const { name, type, view } = search
  const artifacts = useQuery(latestArtifactsQuery({ key: name, type, page: search.page ?? 1, limit }))
  const ids = (artifacts.data?.results ?? []).flatMap(({ flow_run_id: id }) => (id === null ? [] : [id]))
  const runs = useQuery(flowRunNamesQuery(ids)).data
  const choose = (part: ArtifactsSearch) => onSearch({ ...search, page: undefined, ...part })
  return (
    <Page title="Artifacts">
      <Row>
        <SearchInput
          label="Key of the artifact"
          value={name ?? ''}
          onChange={(next) => choose({ name: next || undefined })}
        />
        <Select
          aria-label="Type"
          options={TYPE_OPTIONS}
          value={type ?? ''}
          onChange={(event) => choose({ type: ARTIFACT_TYPES.find((each) => each === event.target.value) })}
        />
        <Button
          aria-pressed={view === undefined}
          icon={<List size={15} aria-hidden />}
          onClick={() => onSearch({ ...search, view: undefined })}
        >
          List
        </Button>
        <Button
          aria-pressed={view === 'grid'}
          icon={<LayoutGrid size={15} aria-hidden />}
          onClick={() => onSearch({ ...search, view: 'grid' })}
        >
          Grid
        </Button>
      </Row>
      <Panel isFlush>
        <QueryView
          query={artifacts}
          placeholder={<Skeleton lines={6} height="2rem" />}
          errorTitle="The artifacts could not be loaded"
        >
          {({ results, count, page }) => {
            if (results.length === 0)
              return name !== undefined || type !== undefined ? (
                <EmptyState title="No artifact matches" />
              ) : (
                <EmptyState title="No artifacts yet" snippet={SNIPPET}>
                  Artifacts are what runs leave for people to see: tables, reports in Markdown, progress, images, links.
                  Those with a key appear here, with all their versions.
                </EmptyState>
              )
            const rows = results.map((artifact) => ({ artifact, run: runs?.get(artifact.flow_run_id ?? '') }))
            return (
              <>
                {view === 'grid' ? <ArtifactsGrid rows={rows} /> : <ArtifactsTable rows={rows} />}
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => choose({ limit: next })}
                />
              </>
            )
          }}
        </QueryView>
      </Panel>
    </Page>
  )
}
