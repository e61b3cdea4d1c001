// Flows as rows: what ran last, what comes next, and how many deployments there are.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { deploymentCountsQuery, flowActivityQuery } from '@/api/flows'
import type { Activity, Flow } from '@/api/types'
import { Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { ActivityBars, LastRun, NextRun } from '@/features/flow-runs/public'
import { PageBox, RowBox } from '@/features/selection'

interface FlowRow {
  flow: Flow
  deployments: number | undefined
  activity: Activity | undefined
}

const helper = columnsOf<FlowRow>()
const columns = helper.columns([
  helper.display({
    id: 'select',
    header: () => <PageBox />,
    cell: ({ row: { original } }) => <RowBox id={original.flow.id} name={original.flow.name} />,
  }),
  helper.display({
    id: 'name',
    header: 'Flow',
    cell: ({ row: { original } }) => (
      <Link to="/flows/flow/$id" params={{ id: original.flow.id }}>
        {original.flow.name}
      </Link>
    ),
  }),
  helper.display({
    id: 'activity',
    header: 'Last runs',
    cell: ({ row: { original } }) =>
      original.activity && <ActivityBars runs={original.activity.runs} of={{ flow: original.flow.id, range: 'all' }} />,
  }),
  helper.display({
    id: 'last',
    header: 'Last run',
    cell: ({ row: { original } }) => <LastRun activity={original.activity} />,
  }),
  helper.display({
    id: 'next',
    header: 'Next run',
    cell: ({ row: { original } }) => <NextRun activity={original.activity} />,
  }),
  helper.display({
    id: 'deployments',
    header: 'Deployments',
    cell: ({ row: { original } }) =>
      original.deployments ? (
        <Link to="/deployments" search={{ flow: original.flow.id }}>
          {original.deployments.toLocaleString('en')} deployed
        </Link>
      ) : null,
  }),
  helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.flow.tags} /> }),
])

/** The table, with boxes to tick. */
export function FlowsTable({ flows }: { flows: readonly Flow[] }) {
  const ids = flows.map(({ id }) => id)
  const activity = useQuery(flowActivityQuery(ids))
  const deployments = useQuery(deploymentCountsQuery(ids))
  const rows = useMemo(
    () =>
      flows.map((flow) => ({
        flow,
        deployments: deployments.data?.[flow.id],
        activity: activity.data?.[flow.id],
      })),
    [flows, activity.data, deployments.data],
  )
  return <DataTable caption="Flows" columns={columns} rows={rows} rowKey={({ flow }) => flow.id} />
}
