// An artifact: what it holds, where it comes from, and the other versions of its key.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'

import { artifactQuery, deleteArtifact } from '@/api/artifacts'
import { flowRunNamesQuery } from '@/api/flow-runs'
import type { Artifact } from '@/api/types'
import { Badge } from '@/design/badge'
import { Button } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { CodeEditor } from '@/design/code-editor'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { Time } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'
import { jsonText } from '@/lib/json'

import { ArtifactContent } from './artifact-content'
import styles from './artifacts.module.css'
import type { ArtifactSearch, ArtifactTab } from './search'
import { Versions } from './versions'

interface ArtifactPageProps {
  id: string
  search: ArtifactSearch
  onSearch: (search: ArtifactSearch) => void
}

/** The page. */
export function ArtifactPage({ id, ...chosen }: ArtifactPageProps) {
  const artifact = useQuery(artifactQuery(id))
  return (
    <QueryView
      query={artifact}
      placeholder={
        <Page title="Artifact">
          <Skeleton lines={6} />
        </Page>
      }
      errorTitle="The artifact could not be loaded"
    >
      {(data) => <Loaded artifact={data} {...chosen} />}
    </QueryView>
  )
}

function Loaded({ artifact, search, onSearch }: Omit<ArtifactPageProps, 'id'> & { artifact: Artifact }) {
  const [isRemoving, setRemoving] = useState(false)
  const name = artifact.key ?? 'An artifact without a key'
  const tabs: { value: ArtifactTab; label: string; content: () => ReactNode }[] = [
    { value: 'content', label: 'Content', content: () => <Content artifact={artifact} /> },
    { value: 'raw', label: 'Raw', content: () => <RawData data={artifact.data} /> },
    { value: 'details', label: 'Details', content: () => <Details artifact={artifact} /> },
  ]
  return (
    <Page
      title={name}
      heading={
        <>
          {name} {artifact.type && <Badge>{artifact.type}</Badge>}
        </>
      }
      trail={<Link to="/artifacts">Artifacts</Link>}
      actions={
        <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setRemoving(true)}>
          Delete
        </Button>
      }
    >
      {artifact.description && <p>{artifact.description}</p>}
      <div className={styles.columns} data-alone={artifact.key === null || undefined}>
        <Tabs
          label="About the artifact"
          value={search.tab ?? 'content'}
          onChange={(tab) => onSearch({ ...search, tab: tab === 'content' ? undefined : tab })}
          tabs={tabs}
        />
        {artifact.key !== null && (
          <Versions of={artifact.key} shown={artifact.id} search={search} onSearch={onSearch} />
        )}
      </div>
      {isRemoving && <DeleteDialog id={artifact.id} name={name} onClose={() => setRemoving(false)} />}
    </Page>
  )
}

function snippet(key: string): string {
  return `from ostinato.artifacts import Artifact\n\nlatest = Artifact.get("${key}")`
}

function Content({ artifact }: { artifact: Artifact }) {
  return (
    <Panel>
      <ArtifactContent artifact={artifact} />
    </Panel>
  )
}

/** What was sent, as it was sent. */
function RawData({ data }: { data: unknown }) {
  const isText = typeof data === 'string'
  return (
    <CodeEditor
      aria-label="The data as it was sent"
      language={isText ? 'text' : 'json'}
      value={isText ? data : jsonText(data)}
    />
  )
}

function Details({ artifact }: { artifact: Artifact }) {
  return (
    <>
      <Panel title="Details">
        <DetailFacts artifact={artifact} />
      </Panel>
      {artifact.key !== null && (
        <Panel title="Read it from code">
          <CodeBlock code={snippet(artifact.key)} label="Python that reads the artifact" />
        </Panel>
      )}
    </>
  )
}

function DetailFacts({ artifact }: { artifact: Artifact }) {
  const runs = useQuery(flowRunNamesQuery(artifact.flow_run_id === null ? [] : [artifact.flow_run_id]))
  return (
    <Facts
      facts={[
        [
          'Flow run',
          artifact.flow_run_id && (
            <FlowRunLink id={artifact.flow_run_id} name={runs.data?.get(artifact.flow_run_id) ?? 'Its run'} />
          ),
        ],
        [
          'Task run',
          artifact.task_run_id && (
            <Link to="/runs/task-run/$id" params={{ id: artifact.task_run_id }}>
              The task run that made it
            </Link>
          ),
        ],
        ['Created', artifact.created && <Time value={artifact.created} />],
        [
          'Changed',
          artifact.updated && artifact.updated !== artifact.created ? <Time value={artifact.updated} /> : null,
        ],
        ['Id', <code key="id">{artifact.id}</code>],
        ...Object.entries(artifact.metadata_ ?? {}),
      ]}
    />
  )
}

function DeleteDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteArtifact(id),
    onSuccess: async () => {
      await navigate({ to: '/artifacts' })
      client.removeQueries({ queryKey: ['artifacts', 'one', id] })
      await client.invalidateQueries({ queryKey: ['artifacts'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete this version of ${name}?`}
      description="The other versions of its key stay."
      verb="Delete the version"
      done={`Deleted a version of ${name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
