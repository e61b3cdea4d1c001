// All deployments, as a list or in folders by their tags.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import { listedDeploymentsQuery } from '@/api/deployments'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Page, Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'
import { SelectionContext, useSelection } from '@/features/selection'

import { DeploymentFilters } from './deployment-filters'
import { DeploymentsBar } from './deployments-bar'
import { DeploymentsTable } from './deployments-table'
import { FoldersPanel } from './folders-panel'
import { askedBy, type DeploymentsSearch, isFiltered, placeOf, UNFILTERED } from './list-search'

const SNIPPET = `from ostinato import flow

@flow
def etl():
    ...

if __name__ == "__main__":
    etl.serve(name="nightly", cron="0 2 * * *")`

interface DeploymentsPageProps {
  search: DeploymentsSearch
  onSearch: (search: DeploymentsSearch) => void
}

/** The page. */
export function DeploymentsPage({ search, onSearch }: DeploymentsPageProps) {
  const onChange = useCallback(
    (part: Partial<DeploymentsSearch>) => onSearch({ ...search, page: undefined, ...part }),
    [search, onSearch],
  )
  return (
    <Page title="Deployments">
      <DeploymentFilters search={search} onChange={onChange} />
      {search.view === 'folders' && <FoldersPanel search={search} />}
      <Listed search={search} onSearch={onSearch} onChange={onChange} />
    </Page>
  )
}

interface ListedProps extends DeploymentsPageProps {
  onChange: (part: Partial<DeploymentsSearch>) => void
}

function Listed({ search, onSearch, onChange }: ListedProps) {
  const place = placeOf(search)
  const deployments = useQuery(listedDeploymentsQuery(askedBy(search), place))
  const shown = useMemo(() => deployments.data?.results.map(({ id }) => id) ?? [], [deployments.data])
  const selection = useSelection(JSON.stringify([askedBy(search), place.folder]), shown)
  return (
    <Panel isFlush>
      <QueryView
        query={deployments}
        placeholder={<Skeleton lines={8} height="2rem" />}
        errorTitle="The deployments could not be loaded"
      >
        {({ results, count, page }) =>
          count === 0 ? (
            <NoDeployments search={search} onChange={onChange} />
          ) : (
            <>
              <DeploymentsBar selection={selection} />
              <SelectionContext value={selection}>
                <DeploymentsTable deployments={results} />
              </SelectionContext>
              <Pager
                page={page}
                limit={place.limit}
                count={count}
                onPage={(next) => onSearch({ ...search, page: next })}
                onLimit={(next) => onChange({ limit: next })}
              />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

function NoDeployments({ search, onChange }: Pick<ListedProps, 'search' | 'onChange'>) {
  if (isFiltered(search)) {
    return (
      <EmptyState
        title={search.view === 'folders' ? 'No deployment here matches' : 'No deployment matches'}
        action={<Button onClick={() => onChange(UNFILTERED)}>Clear the filters</Button>}
      />
    )
  }
  if (search.view === 'folders') {
    return search.folder === undefined ? (
      <EmptyState title="No deployment is without a tag">
        Tags are the folders; a tag with a slash in it, such as team/etl, is a folder in a folder.
      </EmptyState>
    ) : (
      <EmptyState title={`No deployment has the very tag ${search.folder}`} />
    )
  }
  return (
    <EmptyState title="No deployments yet" snippet={SNIPPET}>
      A deployment lets a flow run on a schedule, or when somebody or something asks for it.
    </EmptyState>
  )
}
