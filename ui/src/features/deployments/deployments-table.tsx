// Deployments as rows: whether they are served, what ran last, and what comes next.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { use, useMemo } from 'react'

import { deploymentActivityQuery } from '@/api/deployments'
import type { Activity, Deployment, ListedDeployment } from '@/api/types'
import { Badge, Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { ActivityBars, LastRun, NextRun } from '@/features/flow-runs/public'
import { PageBox, RowBox, SelectionContext } from '@/features/selection'

import styles from './deployments.module.css'
import { scheduleWords } from './schedule-words'

interface DeploymentRow {
  deployment: ListedDeployment
  activity: Activity | undefined
}

const helper = columnsOf<DeploymentRow>()
const boxes = helper.columns([
  helper.display({
    id: 'select',
    header: () => <PageBox />,
    cell: ({ row: { original } }) => <RowBox id={original.deployment.id} name={original.deployment.name} />,
  }),
])
const columns = helper.columns([
  helper.display({ id: 'name', header: 'Deployment', cell: ({ row }) => <NameCell {...row.original} /> }),
  helper.display({
    id: 'status',
    header: 'Status',
    cell: ({ row: { original } }) => <DeploymentStatus deployment={original.deployment} />,
  }),
  helper.display({
    id: 'activity',
    header: 'Last runs',
    cell: ({ row: { original } }) =>
      original.activity && (
        <ActivityBars runs={original.activity.runs} of={{ deployment: original.deployment.id, range: 'all' }} />
      ),
  }),
  helper.display({
    id: 'last',
    header: 'Last run',
    cell: ({ row: { original } }) => <LastRun activity={original.activity} />,
  }),
  helper.display({ id: 'next', header: 'Next run', cell: ({ row }) => <NextCell {...row.original} /> }),
  helper.display({
    id: 'pool',
    header: 'Work pool',
    cell: ({ row: { original } }) =>
      original.deployment.work_pool_name && (
        <Link to="/work-pools/work-pool/$name" params={{ name: original.deployment.work_pool_name }}>
          {original.deployment.work_pool_name}
        </Link>
      ),
  }),
  helper.display({
    id: 'tags',
    header: 'Tags',
    cell: ({ row: { original } }) => <Tags tags={original.deployment.tags} />,
  }),
])
const selectable = [...boxes, ...columns]

/** The table; with boxes to tick where a selection is kept around it. */
export function DeploymentsTable({ deployments }: { deployments: readonly ListedDeployment[] }) {
  const activity = useQuery(deploymentActivityQuery(deployments.map(({ id }) => id)))
  const rows = useMemo(
    () => deployments.map((deployment) => ({ deployment, activity: activity.data?.[deployment.id] })),
    [deployments, activity.data],
  )
  const canSelect = use(SelectionContext) !== null
  return (
    <DataTable
      caption="Deployments"
      columns={canSelect ? selectable : columns}
      rows={rows}
      rowKey={({ deployment }) => deployment.id}
    />
  )
}

function NameCell({ deployment }: DeploymentRow) {
  return (
    <div className={styles.name}>
      <Link to="/deployments/deployment/$id" params={{ id: deployment.id }}>
        {deployment.name}
      </Link>
      <Link to="/flows/flow/$id" params={{ id: deployment.flow_id }} className={styles.flow}>
        {deployment.flow_name}
      </Link>
    </div>
  )
}

function NextCell({ deployment, activity }: DeploymentRow) {
  if (!activity?.next_run && deployment.schedules.length === 0) return null
  return (
    <div className={styles.next}>
      <NextRun activity={activity} />
      <ScheduleLine deployment={deployment} />
    </div>
  )
}

/** The first schedule in words, and how many there are besides; one that rests is crossed out. */
function ScheduleLine({ deployment: { schedules, paused } }: { deployment: ListedDeployment }) {
  const [first, ...others] = schedules.toSorted((one, other) => Number(other.active) - Number(one.active))
  if (first === undefined) return null
  const rests = paused || !first.active
  return (
    <span className={styles.schedule} title={schedules.map(scheduleWords).join('\n')}>
      <span className={rests ? styles.inactive : undefined}>{scheduleWords(first)}</span>
      {others.length > 0 && ` and ${others.length} more`}
    </span>
  )
}

/** Whether something serves the deployment, and whether its schedules rest. */
export function DeploymentStatus({ deployment }: { deployment: Pick<Deployment, 'paused' | 'status'> }) {
  if (deployment.paused) return <Badge>Paused</Badge>
  return deployment.status === 'READY' ? <Badge tone="good">Ready</Badge> : <Badge tone="warn">Not served</Badge>
}
