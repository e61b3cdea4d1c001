// The latest artifacts of keys as rows.
import { Link } from '@tanstack/react-router'

import type { ArtifactCollection } from '@/api/types'
import { Badge } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { Time } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'

import styles from './artifacts.module.css'
import { summaryOf } from './summary'

/** The latest artifact of a key, and the name of the run that left it, once that is known. */
export interface ArtifactRow {
  artifact: ArtifactCollection
  run: string | undefined
}

const helper = columnsOf<ArtifactRow>()
const columns = helper.columns([
  helper.display({
    id: 'key',
    header: 'Key',
    cell: ({ row: { original } }) => (
      <Link to="/artifacts/artifact/$id" params={{ id: original.artifact.latest_id }}>
        {original.artifact.key}
      </Link>
    ),
  }),
  helper.display({
    id: 'type',
    header: 'Type',
    cell: ({ row: { original } }) => original.artifact.type && <Badge>{original.artifact.type}</Badge>,
  }),
  helper.display({
    id: 'summary',
    header: 'Latest',
    cell: ({ row: { original } }) => <span className={styles.summary}>{summaryOf(original.artifact)}</span>,
  }),
  helper.display({
    id: 'run',
    header: 'Flow run',
    cell: ({ row: { original } }) =>
      original.artifact.flow_run_id && (
        <FlowRunLink id={original.artifact.flow_run_id} name={original.run ?? 'Its run'} />
      ),
  }),
  helper.display({
    id: 'updated',
    header: 'Changed',
    cell: ({ row: { original } }) =>
      original.artifact.updated && <Time value={original.artifact.updated} look="relative" />,
  }),
])

/** The table. */
export function ArtifactsTable({ rows }: { rows: ArtifactRow[] }) {
  return <DataTable caption="Artifacts" columns={columns} rows={rows} rowKey={({ artifact }) => artifact.id} />
}
