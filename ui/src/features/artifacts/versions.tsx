// The history of a key: its artifacts, the newest first.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { artifactVersionsQuery, VERSIONS } from '@/api/artifacts'
import { Badge } from '@/design/badge'
import { Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './artifacts.module.css'
import type { ArtifactSearch } from './search'
import { summaryOf } from './summary'

interface VersionsProps {
  of: string
  /** The id of the version that the page is about. */
  shown: string
  search: ArtifactSearch
  onSearch: (search: ArtifactSearch) => void
}

/** The panel. */
export function Versions({ of, shown, search, onSearch }: VersionsProps) {
  const versions = useQuery(artifactVersionsQuery(of, search.page ?? 1))
  return (
    <Panel title="Versions" isFlush>
      <QueryView query={versions} errorTitle="The versions could not be loaded">
        {({ results, count, page }) => (
          <>
            <ol className={styles.versions} aria-label={`Versions of ${of}`}>
              {results.map((version, index) => (
                <li key={version.id}>
                  <Link
                    to="/artifacts/artifact/$id"
                    params={{ id: version.id }}
                    search={search}
                    aria-current={version.id === shown ? 'page' : undefined}
                  >
                    {version.created && <Time value={version.created} />}
                    {page === 1 && index === 0 && <Badge tone="accent">latest</Badge>}
                    <span className={styles.summary}>
                      {version.type === 'progress' && summaryOf({ ...version, description: null })}
                    </span>
                  </Link>
                </li>
              ))}
            </ol>
            {count > VERSIONS && (
              <Pager
                page={page}
                limit={VERSIONS}
                count={count}
                onPage={(next) => onSearch({ ...search, page: next === 1 ? undefined : next })}
              />
            )}
          </>
        )}
      </QueryView>
    </Panel>
  )
}
