// The task runs of a flow run.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { taskRunsQuery } from '@/api/task-runs'
import type { TaskRun } from '@/api/types'
import { Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { StateBadge } from '@/design/states'
import { RunningDuration, Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { ORDERS, STATES, type TaskRunsSearch } from './search'

const DEFAULT_LIMIT = 50
const STATE_OPTIONS = [
  ['', 'All states'],
  ...STATES.map((state) => [state, state.charAt(0) + state.slice(1).toLowerCase()] as const),
] as const
const ORDER_OPTIONS = [
  ['EXPECTED_START_TIME_DESC', 'Newest first'],
  ['EXPECTED_START_TIME_ASC', 'Oldest first'],
  ['END_TIME_DESC', 'Ended last first'],
  ['NAME_ASC', 'By name'],
] as const satisfies readonly (readonly [(typeof ORDERS)[number], string])[]
const SNIPPET = '@task\ndef double(number):\n    return 2 * number\n\n@flow\ndef main():\n    double(21)  # a task run'
const helper = columnsOf<TaskRun>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Task run',
    cell: ({ row: { original } }) => (
      <Link to="/runs/task-run/$id" params={{ id: original.id }}>
        {original.name}
      </Link>
    ),
  }),
  helper.display({
    id: 'state',
    header: 'State',
    cell: ({ row: { original } }) => <StateBadge type={original.state?.type} name={original.state?.name} />,
  }),
  helper.display({
    id: 'start',
    header: 'Start',
    cell: ({ row: { original } }) => original.start_time && <Time value={original.start_time} look="relative" />,
  }),
  helper.display({
    id: 'duration',
    header: 'Duration',
    cell: ({ row: { original } }) =>
      original.start_time && (
        <RunningDuration
          from={original.start_time}
          to={original.end_time ?? (original.state?.type === 'RUNNING' ? null : original.start_time)}
        />
      ),
  }),
  helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.tags} /> }),
])

interface TaskRunsTableProps {
  flowRunId: string
  search: TaskRunsSearch
  onSearch: (search: TaskRunsSearch) => void
}

/** Filter, rows and pager. */
export function TaskRunsTable({ flowRunId, search, onSearch }: TaskRunsTableProps) {
  const limit = search.limit ?? DEFAULT_LIMIT
  const runs = useQuery(
    taskRunsQuery({
      flowRunId,
      name: search.task,
      states: search.state && [search.state],
      sort: search.order,
      page: search.page ?? 1,
      limit,
    }),
  )
  return (
    <Panel title="Task runs" isFlush actions={<Filters search={search} onSearch={onSearch} />}>
      <QueryView query={runs}>
        {({ results, count, page }) =>
          results.length === 0 ? (
            search.task !== undefined || search.state !== undefined ? (
              <EmptyState title="No task run matches">Choose another name or state.</EmptyState>
            ) : (
              <EmptyState title="No task runs" snippet={SNIPPET}>
                Tasks that the flow calls appear here.
              </EmptyState>
            )
          ) : (
            <>
              <DataTable caption="Task runs" columns={columns} rows={results} rowKey={(run) => run.id} />
              <Pager
                page={page}
                limit={limit}
                count={count}
                onPage={(next) => onSearch({ page: next })}
                onLimit={(next) => onSearch({ limit: next, page: undefined })}
              />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

function Filters({ search, onSearch }: Omit<TaskRunsTableProps, 'flowRunId'>) {
  return (
    <Row>
      <SearchInput
        label="Name of the task run"
        value={search.task ?? ''}
        onChange={(task) => onSearch({ task: task || undefined, page: undefined })}
      />
      <Select
        aria-label="State"
        options={STATE_OPTIONS}
        value={search.state ?? ''}
        onChange={({ target }) => onSearch({ state: STATES.find((each) => each === target.value), page: undefined })}
      />
      <Select
        aria-label="Order"
        options={ORDER_OPTIONS}
        value={search.order ?? ORDERS[0]}
        onChange={({ target }) => onSearch({ order: ORDERS.find((each) => each === target.value), page: undefined })}
      />
    </Row>
  )
}
