// The runs of a work pool or of one of its queues, page by page: those that have begun, or those to come.
import { useQuery } from '@tanstack/react-query'

import { flowRunsQuery } from '@/api/flow-runs'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { FlowRunsTable } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'

import type { TabSearch } from './search'

const LIMIT = 25

interface PoolRunsProps<T extends string> {
  pool: string
  /** Only of this queue. */
  queue?: string
  /** Runs that are scheduled, those first that are due first; else all others, the latest first. */
  isUpcoming?: boolean
  search: TabSearch<T>
  onSearch: (search: TabSearch<T>) => void
}

/** The panel. */
export function PoolRuns<T extends string>({ pool, queue, isUpcoming = false, search, onSearch }: PoolRunsProps<T>) {
  const limit = search.limit ?? LIMIT
  const runs = useQuery(
    flowRunsQuery({
      filter: { state: { type: isUpcoming ? { any_: ['SCHEDULED'] } : { not_any_: ['SCHEDULED'] } } },
      workPool: pool,
      workQueue: queue,
      sort: isUpcoming ? 'EXPECTED_START_TIME_ASC' : 'START_TIME_DESC',
      page: search.page ?? 1,
      limit,
    }),
  )
  const title = isUpcoming ? 'Upcoming runs' : 'Runs'
  return (
    <Panel title={title} isFlush>
      <QueryView query={runs} placeholder={<Skeleton lines={5} height="2rem" />}>
        {({ results, count, page }) =>
          count === 0 ? (
            <EmptyState title={isUpcoming ? 'No run is scheduled' : 'Nothing has run yet'}>
              {isUpcoming
                ? 'Runs appear here as deployments are run, and ahead of time by their schedules.'
                : 'A run appears here once a worker has taken it.'}
            </EmptyState>
          ) : (
            <>
              <FlowRunsTable runs={results} caption={title} />
              <Pager
                page={page}
                limit={limit}
                count={count}
                onPage={(next) => onSearch({ ...search, page: next })}
                onLimit={(next) => onSearch({ ...search, limit: next, page: undefined })}
              />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}
