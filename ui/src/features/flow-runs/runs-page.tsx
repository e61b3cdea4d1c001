// The runs page: flow runs and task runs by the same filters, and how far changes of many runs are.
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'

import { allTaskRunsQuery } from '@/api/task-runs'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { QueryView } from '@/features/query-view'
import { AllTaskRunsTable } from '@/features/task-runs/public'

import { BulkJobs } from './bulk-jobs'
import { FlowRunsList } from './flow-runs-list'
import { NoRuns } from './no-runs'
import { RunFilters } from './run-filters'
import { SavedFilters } from './saved-filters'
import { type RunsSearch, taskRunsAsked } from './search'

interface RunsPageProps {
  search: RunsSearch
  onSearch: (search: RunsSearch) => void
}

/** The page. */
export function RunsPage({ search, onSearch }: RunsPageProps) {
  const tab = search.tab ?? 'flow-runs'
  const onChange = useCallback(
    (part: Partial<RunsSearch>) => onSearch({ ...search, page: undefined, ...part }),
    [search, onSearch],
  )
  const filters = (
    <RunFilters search={search} onChange={onChange}>
      <SavedFilters search={search} onSearch={(next) => onSearch({ ...next, page: undefined })} />
    </RunFilters>
  )
  return (
    <Page title={tab === 'task-runs' ? 'Task runs' : 'Runs'}>
      <BulkJobs />
      <Tabs
        label="Kinds of runs"
        value={tab}
        onChange={(next) => onChange({ tab: next === 'flow-runs' ? undefined : next })}
        tabs={[
          {
            value: 'flow-runs',
            label: 'Flow runs',
            content: () => (
              <>
                {filters}
                <FlowRunsList search={search} onSearch={onSearch} onChange={onChange} />
              </>
            ),
          },
          {
            value: 'task-runs',
            label: 'Task runs',
            content: () => (
              <>
                {filters}
                <TaskRuns search={search} onSearch={onSearch} onChange={onChange} />
              </>
            ),
          },
        ]}
      />
    </Page>
  )
}

function TaskRuns({ search, onSearch, onChange }: RunsPageProps & { onChange: (part: Partial<RunsSearch>) => void }) {
  const asked = taskRunsAsked(search, Date.now())
  const runs = useQuery(allTaskRunsQuery(asked))
  return (
    <Panel isFlush>
      <QueryView
        query={runs}
        placeholder={<Skeleton lines={8} height="2rem" />}
        errorTitle="The task runs could not be loaded"
      >
        {({ results, count, page }) =>
          count === 0 ? (
            <NoRuns search={search} onChange={onChange} />
          ) : (
            <AllTaskRunsTable
              runs={results}
              count={count}
              page={page}
              limit={asked.limit}
              onPage={(next) => onSearch({ ...search, page: next })}
              onLimit={(next) => onChange({ limit: next })}
            />
          )
        }
      </QueryView>
    </Panel>
  )
}
