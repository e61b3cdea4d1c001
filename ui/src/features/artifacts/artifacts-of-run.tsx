// The artifacts of a flow run and of its tasks, or of one task.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { type ArtifactsOf, artifactsOfRunQuery, MOST_ARTIFACTS } from '@/api/artifacts'
import type { Artifact } from '@/api/types'
import { Badge } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Meter } from '@/design/meter'
import { Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './artifacts.module.css'
import { summaryOf } from './summary'

const SNIPPET = `from ostinato.artifacts import create_markdown_artifact

create_markdown_artifact("# Sales\\n\\nAll went well.", key="report")`

const helper = columnsOf<Artifact>()
const columns = helper.columns([
  helper.display({
    id: 'key',
    header: 'Key',
    cell: ({ row: { original } }) => (
      <Link to="/artifacts/artifact/$id" params={{ id: original.id }}>
        {original.key ?? 'Without a key'}
      </Link>
    ),
  }),
  helper.display({
    id: 'type',
    header: 'Type',
    cell: ({ row: { original } }) => original.type && <Badge>{original.type}</Badge>,
  }),
  helper.display({ id: 'summary', header: 'What', cell: ({ row: { original } }) => <Summary artifact={original} /> }),
  helper.display({
    id: 'of',
    header: 'Left by',
    cell: ({ row: { original } }) => <Maker artifact={original} />,
  }),
  helper.display({
    id: 'created',
    header: 'Created',
    cell: ({ row: { original } }) => original.created && <Time value={original.created} look="relative" />,
  }),
])

/** The panel. */
export function ArtifactsOfRun({ of }: { of: ArtifactsOf }) {
  const artifacts = useQuery(artifactsOfRunQuery(of))
  const isCut = (artifacts.data?.length ?? 0) >= MOST_ARTIFACTS
  return (
    <Panel title={isCut ? `The newest ${MOST_ARTIFACTS} artifacts` : undefined} isFlush>
      <QueryView
        query={artifacts}
        placeholder={<Skeleton lines={3} height="2rem" />}
        errorTitle="The artifacts could not be loaded"
      >
        {(found) =>
          found.length === 0 ? (
            <EmptyState title="No artifacts" snippet={SNIPPET}>
              What the run and its tasks leave for people to see appears here: tables, reports in Markdown, progress,
              images, links.
            </EmptyState>
          ) : (
            <DataTable caption="Artifacts" columns={columns} rows={found} rowKey={({ id }) => id} />
          )
        }
      </QueryView>
    </Panel>
  )
}

function Summary({ artifact }: { artifact: Artifact }) {
  const part = Number(artifact.data)
  if (artifact.type === 'progress' && !Number.isNaN(part))
    return (
      <Meter
        label={artifact.description || 'Progress'}
        value={part}
        max={100}
        text={`${part.toLocaleString('en')} %`}
      />
    )
  return <span className={styles.summary}>{summaryOf(artifact)}</span>
}

function Maker({ artifact }: { artifact: Artifact }) {
  if (artifact.task_run_id === null) return 'The flow'
  return (
    <Link to="/runs/task-run/$id" params={{ id: artifact.task_run_id }}>
      A task
    </Link>
  )
}
