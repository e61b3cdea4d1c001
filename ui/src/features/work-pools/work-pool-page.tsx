// A work pool: what it has to do, who does it, in which order, and how it is set up.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import type { WorkPool, WorkPoolLoad } from '@/api/types'
import { workPoolLoadQuery, workPoolQuery } from '@/api/work-pools'
import { CodeEditor } from '@/design/code-editor'
import { CopyButton } from '@/design/code-block'
import { EmptyState } from '@/design/empty-state'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { Time } from '@/design/time'
import { DeploymentsOf } from '@/features/deployments/public'
import { QueryView } from '@/features/query-view'
import { jsonText } from '@/lib/json'

import { PoolActions } from './pool-actions'
import { PoolRuns } from './pool-runs'
import { PoolStatus, SlotMeter, Waiting } from './pool-status'
import { QueuesPanel } from './queues-panel'
import type { WorkPoolSearch } from './search'
import { WaitingBanner } from './waiting-banner'
import { sumsOf } from './waiting'
import { WorkersPanel } from './workers-panel'

interface WorkPoolPageProps {
  name: string
  search: WorkPoolSearch
  onSearch: (search: WorkPoolSearch) => void
}

/** The page. */
export function WorkPoolPage({ name, search, onSearch }: WorkPoolPageProps) {
  const pool = useQuery(workPoolQuery(name))
  const load = useQuery(workPoolLoadQuery(name)).data ?? null
  return (
    <QueryView query={pool} placeholder={<Skeleton lines={6} />} errorTitle="The work pool could not be loaded">
      {(data) => (
        <Page
          title={name}
          heading={
            <>
              {name} <PoolStatus pool={data} />
            </>
          }
          trail={<Link to="/work-pools">Work pools</Link>}
          actions={<PoolActions pool={data} />}
        >
          {data.description && <p>{data.description}</p>}
          {load !== null && <WaitingBanner pool={data} load={load} />}
          {load !== null && <Now pool={data} load={load} />}
          <Tabs
            label="About the work pool"
            value={search.tab ?? 'runs'}
            onChange={(tab) => onSearch({ tab })}
            tabs={tabsOf(data, load, search, onSearch)}
          />
        </Page>
      )}
    </QueryView>
  )
}

function tabsOf(
  pool: WorkPool,
  load: WorkPoolLoad | null,
  search: WorkPoolSearch,
  onSearch: (search: WorkPoolSearch) => void,
) {
  const runs = { pool: pool.name, search, onSearch }
  const tab = (value: NonNullable<WorkPoolSearch['tab']>, label: string, content: () => ReactNode) => ({
    value,
    label,
    content,
  })
  return [
    tab('runs', 'Runs', () => <PoolRuns {...runs} />),
    tab('upcoming', 'Upcoming', () => <PoolRuns {...runs} isUpcoming />),
    tab('queues', 'Work queues', () => <QueuesPanel pool={pool} load={load} />),
    tab('workers', 'Workers', () => <WorkersPanel pool={pool} />),
    tab('deployments', 'Deployments', () => <DeploymentsOf pool={pool.name} />),
    tab('details', 'Details', () => <Details pool={pool} />),
    tab('template', 'Base job template', () => <Template pool={pool} />),
  ]
}

/** What is going on. */
function Now({ pool, load }: { pool: WorkPool; load: WorkPoolLoad }) {
  const { slots, lastPolled } = sumsOf(load)
  return (
    <Panel>
      <Facts
        facts={[
          ['Running', <SlotMeter key="slots" name={pool.name} taken={slots} limit={pool.concurrency_limit} />],
          ['Due and waiting', <Waiting key="waiting" load={load} />],
          ['Workers online', String(load.workers_online)],
          ['Last polled', lastPolled === null ? 'never' : <Time key="polled" value={lastPolled} look="relative" />],
        ]}
      />
    </Panel>
  )
}

function Details({ pool }: { pool: WorkPool }) {
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Id', <code key="id">{pool.id}</code>],
          ['Type', pool.type],
          ['Concurrency limit', pool.concurrency_limit === null ? 'none' : String(pool.concurrency_limit)],
          ['A run has to begin', deadlineWords(pool.pending_deadline_seconds)],
          ['Starts again after a crash', pool.retry_on_crash && `at most ${pool.retry_on_crash.max} times`],
          ['Created', pool.created && <Time key="created" value={pool.created} />],
          ['Changed', pool.updated && <Time key="updated" value={pool.updated} />],
        ]}
      />
    </Panel>
  )
}

function deadlineWords(seconds: number | null): string {
  if (seconds === null) return "within the server's time, once a worker has taken it"
  return seconds === 0 ? 'at any time' : `within ${seconds} s, once a worker has taken it`
}

function Template({ pool }: { pool: WorkPool }) {
  const text = jsonText(pool.base_job_template)
  if (Object.keys(pool.base_job_template).length === 0)
    return (
      <Panel title="Base job template">
        <EmptyState title="It has no template yet">
          The first worker of the pool brings the template of its type. It says what a run becomes, such as a process or
          a container, and which of that a deployment may set.
        </EmptyState>
      </Panel>
    )
  return (
    <Panel title="Base job template" actions={<CopyButton text={text} label="Copy the template" />}>
      <CodeEditor language="json" aria-label="Base job template" value={text} />
    </Panel>
  )
}
