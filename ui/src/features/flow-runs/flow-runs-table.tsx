// Flow runs as rows, each with the names of its flow and deployment.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { use, useMemo } from 'react'

import { deploymentNamesQuery } from '@/api/deployments'
import { flowNamesQuery } from '@/api/flows'
import type { FlowRun } from '@/api/types'
import { Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { StateBadge } from '@/design/states'
import { RunningDuration, Time } from '@/design/time'

import styles from './flow-runs-table.module.css'
import { FlowRunLink } from './links'
import { PageBox, RowBox, SelectionContext } from '@/features/selection'

interface NamedFlowRun {
  run: FlowRun
  flow: string | undefined
  deployment: string | undefined
}

const helper = columnsOf<NamedFlowRun>()
const boxes = helper.columns([
  helper.display({
    id: 'select',
    header: () => <PageBox />,
    cell: ({ row: { original } }) => <RowBox id={original.run.id} name={original.run.name} />,
  }),
])
const columns = helper.columns([
  helper.display({ id: 'name', header: 'Run', cell: ({ row }) => <NameCell {...row.original} /> }),
  helper.display({
    id: 'state',
    header: 'State',
    cell: ({ row: { original } }) => <StateBadge type={original.run.state_type} name={original.run.state_name} />,
  }),
  helper.display({ id: 'start', header: 'Start', cell: ({ row: { original } }) => <StartCell run={original.run} /> }),
  helper.display({
    id: 'duration',
    header: 'Duration',
    cell: ({ row: { original } }) => <DurationCell run={original.run} />,
  }),
  helper.display({
    id: 'deployment',
    header: 'Deployment',
    cell: ({ row: { original } }) => <DeploymentCell {...original} />,
  }),
  helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.run.tags} /> }),
])

const selectable = [...boxes, ...columns]

/** The table; with boxes to tick where a selection is kept around it. */
export function FlowRunsTable({ runs, caption = 'Flow runs' }: { runs: readonly FlowRun[]; caption?: string }) {
  const flows = useQuery(flowNamesQuery(runs.map((run) => run.flow_id)))
  const deployments = useQuery(deploymentNamesQuery(runs.flatMap((run) => run.deployment_id ?? [])))
  const rows = useMemo(
    () =>
      runs.map((run) => ({
        run,
        flow: flows.data?.get(run.flow_id),
        deployment: run.deployment_id === null ? undefined : deployments.data?.get(run.deployment_id),
      })),
    [runs, flows.data, deployments.data],
  )
  const canSelect = use(SelectionContext) !== null
  return (
    <DataTable caption={caption} columns={canSelect ? selectable : columns} rows={rows} rowKey={({ run }) => run.id} />
  )
}

function NameCell({ run, flow }: NamedFlowRun) {
  return (
    <div className={styles.name}>
      <FlowRunLink id={run.id} name={run.name} />
      <Link to="/flows/flow/$id" params={{ id: run.flow_id }} className={styles.flow}>
        {flow ?? '…'}
      </Link>
    </div>
  )
}

function StartCell({ run }: { run: FlowRun }) {
  const start = run.start_time ?? run.expected_start_time
  if (start === null) return null
  return (
    <span className={styles.quiet}>
      {run.start_time === null && run.state_type === 'SCHEDULED' && 'due '}
      <Time value={start} look="relative" />
    </span>
  )
}

function DurationCell({ run }: { run: FlowRun }) {
  if (run.start_time === null) return null
  return (
    <RunningDuration
      from={run.start_time}
      to={run.end_time ?? (run.state_type === 'RUNNING' ? null : run.start_time)}
    />
  )
}

function DeploymentCell({ run, deployment }: NamedFlowRun) {
  if (run.deployment_id === null) return null
  return (
    <Link to="/deployments/deployment/$id" params={{ id: run.deployment_id }}>
      {deployment ?? '…'}
    </Link>
  )
}
