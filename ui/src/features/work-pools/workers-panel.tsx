// The workers of a pool: whether they live, and what they run now.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ellipsis, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'

import type { Worker, WorkerRuns, WorkPool } from '@/api/types'
import { workerRunsQuery, workersQuery } from '@/api/workers'
import { IconButton } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Menu, MenuItem } from '@/design/overlays'
import { Panel } from '@/design/page'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { DeleteWorkerDialog } from './delete-dialogs'
import { startWorker } from './snippets'
import { AtHand, WorkerStatus } from './worker-parts'
import styles from './work-pools.module.css'

/** Runs that are named of each worker; the others are counted. */
const NAMED = 3

interface Row {
  worker: Worker
  runs: WorkerRuns | undefined
  pool: string
}

/** The panels. */
export function WorkersPanel({ pool }: { pool: WorkPool }) {
  const workers = useQuery(workersQuery(pool.name))
  const runs = useQuery(workerRunsQuery(pool.name, NAMED)).data
  const [removed, remove] = useState<string | null>(null)
  const columns = useMemo(() => columnsWith(remove), [])
  const rows = useMemo(() => {
    const byWorker = new Map(runs?.map((each) => [each.worker_name, each]))
    return workers.data?.map((worker) => ({ worker, runs: byWorker.get(worker.name), pool: pool.name })) ?? []
  }, [workers.data, runs, pool.name])
  const nobodys = runs?.find(({ worker_name: name }) => !rows.some(({ worker }) => worker.name === name))
  return (
    <>
      <Panel title="Workers" isFlush>
        <QueryView query={workers}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title="No worker has asked for work" snippet={startWorker(pool)}>
                Runs wait until one does. A worker runs where the flows are to be executed.
              </EmptyState>
            ) : (
              <DataTable caption="Workers" columns={columns} rows={rows} rowKey={({ worker }) => worker.id} />
            )
          }
        </QueryView>
      </Panel>
      {nobodys !== undefined && (
        <Panel title="Runs whose worker is not in this list">
          <AtHand runs={nobodys} />
        </Panel>
      )}
      {rows.length > 0 && (
        <Panel title="Start another worker">
          <CodeBlock label="Start a worker" code={startWorker(pool)} />
        </Panel>
      )}
      {removed !== null && <DeleteWorkerDialog pool={pool.name} name={removed} onClose={() => remove(null)} />}
    </>
  )
}

const helper = columnsOf<Row>()

function columnsWith(remove: (name: string) => void) {
  return helper.columns([
    helper.display({
      id: 'name',
      header: 'Worker',
      cell: ({ row: { original } }) => (
        <Link
          to="/work-pools/work-pool/$name/worker/$worker"
          params={{ name: original.pool, worker: original.worker.name }}
        >
          {original.worker.name}
        </Link>
      ),
    }),
    helper.display({
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => <WorkerStatus worker={original.worker} />,
    }),
    helper.display({
      id: 'heartbeat',
      header: 'Last heartbeat',
      cell: ({ row: { original } }) =>
        original.worker.last_heartbeat_time && (
          <span className={styles.quiet}>
            <span className={styles.narrow}>seen </span>
            <Time value={original.worker.last_heartbeat_time} look="relative" />
          </span>
        ),
    }),
    helper.display({
      id: 'runs',
      header: 'Runs now',
      cell: ({ row: { original } }) =>
        original.runs ? <AtHand runs={original.runs} /> : <span className={styles.quiet}>runs nothing</span>,
    }),
    helper.display({
      id: 'actions',
      header: () => <span className="visually-hidden">Actions</span>,
      cell: ({ row: { original } }) => (
        <Menu
          trigger={
            <IconButton
              label={`What can be done with ${original.worker.name}`}
              icon={<Ellipsis size={17} aria-hidden />}
            />
          }
        >
          <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => remove(original.worker.name)}>
            Forget
          </MenuItem>
        </Menu>
      ),
    }),
  ])
}
