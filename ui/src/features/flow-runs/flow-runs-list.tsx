// The flow runs that an address asks for: as a plot, and as a list of which many can be changed at once.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { flowRunPointsQuery, flowRunsQuery } from '@/api/flow-runs'
import { Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import { BulkBar } from './bulk-bar'
import { FlowRunsTable } from './flow-runs-table'
import { NoRuns } from './no-runs'
import { RunsScatter } from './scatter'
import { DEFAULT_LIMIT, filtersOf, runsAsked, type RunsSearch } from './search'
import { SelectionContext, useSelection } from '@/features/selection'

interface FlowRunsListProps {
  search: RunsSearch
  onSearch: (search: RunsSearch) => void
  /** A change of what is asked for: it begins with the first page. */
  onChange: (change: Partial<RunsSearch>) => void
}

/** Plot, rows and pager. */
export function FlowRunsList({ search, onSearch, onChange }: FlowRunsListProps) {
  const asked = runsAsked(search, Date.now())
  const runs = useQuery(flowRunsQuery(asked))
  const shown = useMemo(() => runs.data?.results.map(({ id }) => id) ?? [], [runs.data])
  const selection = useSelection(JSON.stringify(filtersOf(search)), shown)
  const isEmpty = runs.data?.count === 0
  return (
    <>
      {!isEmpty && <Plot asked={asked} since={search.since} count={runs.data?.count} onChange={onChange} />}
      <Panel isFlush>
        <QueryView
          query={runs}
          placeholder={<Skeleton lines={8} height="2rem" />}
          errorTitle="The runs could not be loaded"
        >
          {({ results, count, limit, page }) =>
            count === 0 ? (
              <NoRuns search={search} onChange={onChange} />
            ) : (
              <>
                <BulkBar selection={selection} asked={asked} count={count} />
                <SelectionContext value={selection}>
                  <FlowRunsTable runs={results} />
                </SelectionContext>
                <Pager
                  page={page}
                  limit={search.limit ?? limit ?? DEFAULT_LIMIT}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => onChange({ limit: next })}
                />
              </>
            )
          }
        </QueryView>
      </Panel>
    </>
  )
}

interface PlotProps extends Pick<FlowRunsListProps, 'onChange'> {
  asked: ReturnType<typeof runsAsked>
  /** From when on the plot is to be: a time of one's own, else from the first run on. */
  since: string | undefined
  count: number | undefined
}

function Plot({ asked, since, count, onChange }: PlotProps) {
  const points = useQuery(flowRunPointsQuery(asked))
  return (
    <Panel isFlush>
      <QueryView
        query={points}
        placeholder={<Skeleton lines={1} height="14rem" />}
        errorTitle="The plot could not be loaded"
      >
        {(runs) => (
          <RunsScatter
            runs={runs}
            count={count}
            after={since}
            before={asked.filter.expected_start_time?.before_}
            onSpan={(since, until) => onChange({ since, until, range: undefined })}
          />
        )}
      </QueryView>
    </Panel>
  )
}
