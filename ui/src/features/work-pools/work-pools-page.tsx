// All work pools: what each has to do, and who does it.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'

import type { WorkPool, WorkPoolLoad } from '@/api/types'
import { workPoolLoadsQuery, workPoolsPageQuery } from '@/api/work-pools'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { LinkButton } from '@/design/link-button'
import { Page, Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'
import type { ListSearch } from '@/lib/list-search'

import { PoolMenu } from './pool-actions'
import { PoolStatus, SlotMeter, Waiting } from './pool-status'
import { FIRST_POOL } from './snippets'
import { sumsOf } from './waiting'
import styles from './work-pools.module.css'

const LIMIT = 50

interface LoadedPool {
  pool: WorkPool
  load: WorkPoolLoad | undefined
}

/** The page. */
export function WorkPoolsPage({ search, onSearch }: { search: ListSearch; onSearch: (search: ListSearch) => void }) {
  const limit = search.limit ?? LIMIT
  const asked = [search.page ?? 1, limit] as const
  const pools = useQuery(workPoolsPageQuery(...asked))
  const { data: loads } = useQuery(workPoolLoadsQuery(...asked))
  const rows = useMemo(
    () => pools.data?.results.map((pool) => ({ pool, load: loads?.get(pool.id) })) ?? [],
    [pools.data, loads],
  )
  return (
    <Page title="Work pools" actions={<NewPoolLink />}>
      <Panel isFlush>
        <QueryView
          query={pools}
          placeholder={<Skeleton lines={6} height="2rem" />}
          errorTitle="The work pools could not be loaded"
        >
          {({ count, page }) =>
            count === 0 ? (
              <EmptyState title="No work pools yet" snippet={FIRST_POOL} action={<NewPoolLink />}>
                Deployments can leave their runs to a work pool; workers on any machine take them from there.
              </EmptyState>
            ) : (
              <>
                <DataTable caption="Work pools" columns={columns} rows={rows} rowKey={({ pool }) => pool.id} />
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => onSearch({ ...search, limit: next, page: undefined })}
                />
              </>
            )
          }
        </QueryView>
      </Panel>
    </Page>
  )
}

function NewPoolLink() {
  return (
    <LinkButton to="/work-pools/new" look="primary" icon={<Plus size={15} aria-hidden />}>
      New work pool
    </LinkButton>
  )
}

const helper = columnsOf<LoadedPool>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Work pool',
    cell: ({ row: { original } }) => (
      <div className={styles.name}>
        <Link to="/work-pools/work-pool/$name" params={{ name: original.pool.name }}>
          {original.pool.name}
        </Link>
        <span className={styles.sub}>{original.pool.type}</span>
      </div>
    ),
  }),
  helper.display({
    id: 'status',
    header: 'Status',
    cell: ({ row: { original } }) => <PoolStatus pool={original.pool} />,
  }),
  helper.display({
    id: 'slots',
    header: 'Running',
    cell: ({ row: { original } }) =>
      original.load && (
        <SlotMeter
          name={original.pool.name}
          taken={sumsOf(original.load).slots}
          limit={original.pool.concurrency_limit}
        />
      ),
  }),
  helper.display({
    id: 'waiting',
    header: 'Due and waiting',
    cell: ({ row: { original } }) =>
      original.load && <Labelled label="waiting">{<Waiting load={original.load} />}</Labelled>,
  }),
  helper.display({
    id: 'workers',
    header: 'Workers',
    cell: ({ row: { original } }) => original.load && <span>{workerWords(original.load)}</span>,
  }),
  helper.display({
    id: 'queues',
    header: 'Queues',
    cell: ({ row: { original } }) => original.load && <Queues load={original.load} />,
  }),
  helper.display({
    id: 'polled',
    header: 'Last polled',
    cell: ({ row: { original } }) => original.load && <LastPolled load={original.load} />,
  }),
  helper.display({
    id: 'actions',
    header: () => <span className="visually-hidden">Actions</span>,
    cell: ({ row: { original } }) => <PoolMenu pool={original.pool} />,
  }),
])

/** On a narrow screen, where no header stands above, a number needs a word. */
function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <span>
      {children} <span className={styles.narrow}>{label}</span>
    </span>
  )
}

function workerWords({ workers_online: online }: WorkPoolLoad): string {
  return online === 1 ? '1 worker online' : `${online === 0 ? 'no' : online} workers online`
}

function Queues({ load }: { load: WorkPoolLoad }) {
  const { queues, pausedQueues } = sumsOf(load)
  return (
    <span>
      {queues === 1 ? '1 queue' : `${queues} queues`}
      {pausedQueues > 0 && <span className={styles.quiet}>, {pausedQueues} paused</span>}
    </span>
  )
}

function LastPolled({ load }: { load: WorkPoolLoad }) {
  const { lastPolled } = sumsOf(load)
  if (lastPolled === null) return <span className={styles.quiet}>never polled</span>
  return (
    <span className={styles.quiet}>
      <span className={styles.narrow}>polled </span>
      <Time value={lastPolled} look="relative" />
    </span>
  )
}
