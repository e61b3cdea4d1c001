// Task runs of any flow runs, each with the flow run that it belongs to.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { flowRunNamesQuery } from '@/api/flow-runs'
import type { TaskRun } from '@/api/types'
import { Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { Pager } from '@/design/pager'
import { StateBadge } from '@/design/states'
import { RunningDuration, Time } from '@/design/time'

interface NamedTaskRun {
  run: TaskRun
  flowRun: string | undefined
}

const helper = columnsOf<NamedTaskRun>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Task run',
    cell: ({ row: { original } }) => (
      <Link to="/runs/task-run/$id" params={{ id: original.run.id }}>
        {original.run.name}
      </Link>
    ),
  }),
  helper.display({
    id: 'state',
    header: 'State',
    cell: ({ row: { original } }) => <StateBadge type={original.run.state?.type} name={original.run.state?.name} />,
  }),
  helper.display({ id: 'flow-run', header: 'Flow run', cell: ({ row }) => <FlowRunCell {...row.original} /> }),
  helper.display({
    id: 'start',
    header: 'Start',
    cell: ({ row: { original } }) =>
      original.run.start_time && <Time value={original.run.start_time} look="relative" />,
  }),
  helper.display({ id: 'duration', header: 'Duration', cell: ({ row }) => <DurationCell run={row.original.run} /> }),
  helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.run.tags} /> }),
])

interface AllTaskRunsTableProps {
  runs: readonly TaskRun[]
  count: number
  page: number
  limit: number
  onPage: (page: number) => void
  onLimit: (limit: number) => void
}

/** Rows and pager. */
export function AllTaskRunsTable({ runs, count, page, limit, onPage, onLimit }: AllTaskRunsTableProps) {
  const names = useQuery(flowRunNamesQuery(runs.flatMap((run) => run.flow_run_id ?? [])))
  const rows = useMemo(
    () => runs.map((run) => ({ run, flowRun: names.data?.get(run.flow_run_id ?? '') })),
    [runs, names.data],
  )
  return (
    <>
      <DataTable caption="Task runs" columns={columns} rows={rows} rowKey={({ run }) => run.id} />
      <Pager page={page} limit={limit} count={count} onPage={onPage} onLimit={onLimit} />
    </>
  )
}

function FlowRunCell({ run, flowRun }: NamedTaskRun) {
  if (run.flow_run_id === null) return 'none'
  return (
    <Link to="/runs/flow-run/$id" params={{ id: run.flow_run_id }}>
      {flowRun ?? '…'}
    </Link>
  )
}

function DurationCell({ run }: { run: TaskRun }) {
  if (run.start_time === null) return null
  const isRunning = run.state?.type === 'RUNNING'
  return <RunningDuration from={run.start_time} to={run.end_time ?? (isRunning ? null : run.start_time)} />
}
