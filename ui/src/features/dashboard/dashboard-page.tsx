// What needs somebody now, and what has happened lately.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { firstFlowRunsQuery, flowRunHistoryQuery } from '@/api/flow-runs'
import { flowNamesQuery } from '@/api/flows'
import type { FlowRunFilter, FlowRunSort } from '@/api/types'
import { Select } from '@/design/field'
import { Columns, Page, Panel, Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { QueryView } from '@/features/query-view'
import { RANGE_LABELS, timeFilter } from '@/features/flow-runs/public'
import { WorkPoolsHealth } from '@/features/work-pools/public'
import { readWords } from '@/lib/words'

import { Activity } from './activity'
import { Failures } from './failures'
import { RunList } from './run-list'
import {
  DASHBOARD_RANGES,
  type DashboardRange,
  type DashboardSearch,
  DEFAULT_RANGE,
  filterOf,
  windowOf,
} from './search'
import { TaskActivity } from './task-activity'

const ACTIVITIES = [
  ['flow-runs', 'Flow runs'],
  ['task-runs', 'Task runs'],
] as const
const OPTIONS = DASHBOARD_RANGES.map((range) => [range, RANGE_LABELS[range]] as const)
const MOST_FAILURES = 50
const SHOWN = 8

interface DashboardPageProps {
  search: DashboardSearch
  onSearch: (search: DashboardSearch) => void
}

/** The page. */
export function DashboardPage({ search, onSearch }: DashboardPageProps) {
  const range = search.range ?? DEFAULT_RANGE
  const now = Date.now()
  const { start, end, every } = windowOf(range, now)
  const filter = filterOf(search)
  const isOfTasks = search.activity === 'task-runs'
  const history = useQuery({ ...flowRunHistoryQuery(filter, start, end, every), enabled: !isOfTasks })
  const first = (part: FlowRunFilter, sort: FlowRunSort, most: number) =>
    firstFlowRunsQuery({ ...filter, ...part }, sort, most)
  const failures = useQuery(
    first(
      { state: { type: { any_: ['FAILED', 'CRASHED'] } }, ...timeFilter(range, now) },
      'START_TIME_DESC',
      MOST_FAILURES,
    ),
  )
  const late = useQuery(
    first(
      { state: { operator: 'or_', name: { any_: ['Late', 'AwaitingConcurrencySlot'] }, type: { any_: ['PAUSED'] } } },
      'EXPECTED_START_TIME_ASC',
      SHOWN,
    ),
  )
  const running = useQuery(
    first({ state: { type: { any_: ['RUNNING', 'PENDING', 'CANCELLING'] } } }, 'START_TIME_DESC', SHOWN),
  )
  const upcoming = useQuery(
    first(
      { state: { name: { any_: ['Scheduled'] } }, ...timeFilter('upcoming', now) },
      'EXPECTED_START_TIME_ASC',
      SHOWN,
    ),
  )
  const shown = [failures, late, running, upcoming]
  const areAllHere = shown.every((query) => !query.isPending)
  const flows = useQuery(
    flowNamesQuery(areAllHere ? shown.flatMap((query) => query.data?.map((run) => run.flow_id) ?? []) : []),
  )
  return (
    <Page title="Dashboard" actions={<Filters search={search} onSearch={onSearch} />}>
      <Panel
        title="Activity"
        actions={
          <Select
            aria-label="Activity of"
            options={ACTIVITIES}
            value={search.activity ?? 'flow-runs'}
            onChange={({ target }) =>
              onSearch({ ...search, activity: target.value === 'task-runs' ? 'task-runs' : undefined })
            }
          />
        }
      >
        {isOfTasks ? (
          <TaskActivity filter={filter} start={start} end={end} />
        ) : (
          <QueryView query={history} errorTitle="The activity could not be loaded">
            {(intervals) => <Activity intervals={intervals} range={range} tags={search.tags} />}
          </QueryView>
        )}
      </Panel>
      <Columns>
        <Panel title="Failures by cause" isFlush>
          <QueryView query={failures} errorTitle="The failures could not be loaded">
            {(runs) => (
              <Failures
                runs={runs}
                flows={flows.data}
                range={range}
                tags={search.tags}
                isCut={runs.length === MOST_FAILURES}
              />
            )}
          </QueryView>
        </Panel>
        <Panel title="Late, waiting and paused" isFlush>
          <QueryView query={late}>
            {(runs) => (
              <RunList
                runs={runs}
                isExplained
                flows={flows.data}
                none="Nothing is late, nothing waits for a slot or for somebody."
              />
            )}
          </QueryView>
        </Panel>
        <Panel title="Running now" isFlush>
          <QueryView query={running}>
            {(runs) => <RunList isExplained runs={runs} flows={flows.data} none="Nothing runs at the moment." />}
          </QueryView>
        </Panel>
        <Panel title="Next" isFlush>
          <QueryView query={upcoming}>
            {(runs) => <RunList runs={runs} flows={flows.data} none="No schedule has a run to come." />}
          </QueryView>
        </Panel>
        <Panel title="Work pools" isFlush>
          <WorkPoolsHealth />
        </Panel>
      </Columns>
    </Page>
  )
}

/** Which runs, and of which time. */
function Filters({ search, onSearch }: DashboardPageProps) {
  const [tags, setTags] = useState((search.tags ?? []).join(', '))
  return (
    <Row>
      <SearchInput
        label="Tags, with commas between them"
        value={tags}
        onChange={(typed) => {
          setTags(typed)
          const words = readWords(typed)
          onSearch({ ...search, tags: words.length > 0 ? words : undefined })
        }}
      />
      <Select
        aria-label="Sub-flows"
        options={[
          ['show', 'With sub-flows'],
          ['hide', 'Without sub-flows'],
        ]}
        value={search.subflows ?? 'show'}
        onChange={({ target }) => onSearch({ ...search, subflows: target.value === 'hide' ? 'hide' : undefined })}
      />
      <Select
        aria-label="Time"
        options={OPTIONS}
        value={search.range ?? DEFAULT_RANGE}
        onChange={({ target }) => onSearch({ ...search, range: target.value as DashboardRange /* an option */ })}
      />
    </Row>
  )
}
