// A worker: whether it lives, what it runs now, and what it has told of itself.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'

import { latestEventsQuery } from '@/api/events'
import type { EventFilter, Worker, WorkPool } from '@/api/types'
import { workerRunsQuery, workersQuery } from '@/api/workers'
import { workPoolQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { EventList } from '@/features/events/public'
import { QueryView } from '@/features/query-view'
import { formatDuration } from '@/lib/time'

import { DeleteWorkerDialog } from './delete-dialogs'
import { AtHand, WorkerStatus } from './worker-parts'

const RUNS = 50
const EVENTS = 30

/** The page. */
export function WorkerPage({ pool, name }: { pool: string; name: string }) {
  const workers = useQuery(workersQuery(pool))
  const owner = useQuery(workPoolQuery(pool)).data
  const trail = (
    <>
      <Link to="/work-pools">Work pools</Link>
      <span aria-hidden>/</span>
      <Link to="/work-pools/work-pool/$name" params={{ name: pool }} search={{ tab: 'workers' }}>
        {pool}
      </Link>
    </>
  )
  return (
    <QueryView query={workers} placeholder={<Skeleton lines={6} />} errorTitle="The worker could not be loaded">
      {(all) => {
        const worker = all.find((each) => each.name === name)
        if (worker === undefined)
          return (
            <Page title={name} trail={trail}>
              <Panel>
                <EmptyState title="No worker of the pool has this name">
                  It may have been forgotten: workers that give no sign of life can be removed from the list.
                </EmptyState>
              </Panel>
            </Page>
          )
        return (
          <Page
            title={name}
            heading={
              <>
                {name} <WorkerStatus worker={worker} />
              </>
            }
            trail={trail}
            actions={<ForgetButton pool={pool} name={name} />}
          >
            <Details worker={worker} type={owner?.type ?? null} />
            <RunsNow pool={pool} worker={name} />
            {owner && <Told pool={owner} worker={name} />}
          </Page>
        )
      }}
    </QueryView>
  )
}

function ForgetButton({ pool, name }: { pool: string; name: string }) {
  const navigate = useNavigate()
  const [isAsked, ask] = useState(false)
  return (
    <>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => ask(true)}>
        Forget
      </Button>
      {isAsked && (
        <DeleteWorkerDialog
          pool={pool}
          name={name}
          onClose={() => ask(false)}
          onDeleted={() =>
            void navigate({ to: '/work-pools/work-pool/$name', params: { name: pool }, search: { tab: 'workers' } })
          }
        />
      )}
    </>
  )
}

function Details({ worker, type }: { worker: Worker; type: string | null }) {
  const { heartbeat_interval_seconds: interval } = worker
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Id', <code key="id">{worker.id}</code>],
          ['Type', type],
          [
            'Last heartbeat',
            worker.last_heartbeat_time && <Time key="beat" value={worker.last_heartbeat_time} look="relative" />,
          ],
          ['Gives one', interval === null ? null : `every ${formatDuration(interval)}`],
          ['First seen', worker.created && <Time key="created" value={worker.created} />],
        ]}
      />
    </Panel>
  )
}

function RunsNow({ pool, worker }: { pool: string; worker: string }) {
  const runs = useQuery(workerRunsQuery(pool, RUNS, worker))
  return (
    <Panel title="Runs now">
      <QueryView query={runs}>{([own]) => (own ? <AtHand runs={own} /> : <p>It runs nothing.</p>)}</QueryView>
    </Panel>
  )
}

/** What the worker has told: that it started and stopped, and which runs it took. */
function Told({ pool, worker }: { pool: WorkPool; worker: string }) {
  const filter = {
    event: { prefix: ['prefect.worker.'] },
    resource: { labels: { 'prefect.resource.name': [worker] } },
    related: { id: [`prefect.work-pool.${pool.id}`] },
  } satisfies EventFilter
  const events = useQuery(latestEventsQuery(filter, EVENTS))
  return (
    <Panel title="What it did" isFlush>
      <QueryView query={events}>
        {({ events: told }) =>
          told.length === 0 ? <EmptyState title="It has told of nothing yet" /> : <EventList events={told} />
        }
      </QueryView>
    </Panel>
  )
}
