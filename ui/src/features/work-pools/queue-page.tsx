// A work queue: what is to come, what has run, and how it is set up.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CirclePause, CirclePlay, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { WorkPool, WorkPoolLoad, WorkQueue } from '@/api/types'
import { workPoolLoadQuery, workPoolQuery } from '@/api/work-pools'
import { updateWorkQueue, workQueueQuery } from '@/api/work-queues'
import { Button } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { Time } from '@/design/time'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import { DeleteQueueDialog } from './delete-dialogs'
import { PoolRuns } from './pool-runs'
import { PoolStatus, SlotMeter, Waiting } from './pool-status'
import { QueueDialog } from './queue-dialog'
import type { WorkQueueSearch } from './search'
import { startWorker } from './snippets'
import { usePoolMutation } from './use-pool-mutation'
import { WaitingBanner } from './waiting-banner'

interface WorkQueuePageProps {
  pool: string
  name: string
  search: WorkQueueSearch
  onSearch: (search: WorkQueueSearch) => void
}

/** The page. */
export function WorkQueuePage({ pool, name, search, onSearch }: WorkQueuePageProps) {
  const queue = useQuery(workQueueQuery(pool, name))
  const owner = useQuery(workPoolQuery(pool)).data
  const load = useQuery(workPoolLoadQuery(pool)).data
  return (
    <QueryView query={queue} placeholder={<Skeleton lines={6} />} errorTitle="The work queue could not be loaded">
      {(data) => (
        <Page
          title={name}
          heading={
            <>
              {name} <PoolStatus pool={data} />
            </>
          }
          trail={
            <>
              <Link to="/work-pools">Work pools</Link>
              <span aria-hidden>/</span>
              <Link to="/work-pools/work-pool/$name" params={{ name: pool }} search={{ tab: 'queues' }}>
                {pool}
              </Link>
            </>
          }
          actions={<Actions pool={pool} queue={data} isDefault={owner?.default_queue_id === data.id} />}
        >
          {data.description && <p>{data.description}</p>}
          {owner && load && <OwnBanner pool={owner} load={load} queue={data} />}
          <Tabs
            label="About the work queue"
            value={search.tab ?? 'upcoming'}
            onChange={(tab) => onSearch({ tab })}
            tabs={[
              {
                value: 'upcoming',
                label: 'Upcoming runs',
                content: () => <PoolRuns pool={pool} queue={name} isUpcoming search={search} onSearch={onSearch} />,
              },
              {
                value: 'runs',
                label: 'Runs',
                content: () => <PoolRuns pool={pool} queue={name} search={search} onSearch={onSearch} />,
              },
              {
                value: 'details',
                label: 'Details',
                content: () => <Details pool={owner} load={load ?? undefined} queue={data} />,
              },
            ]}
          />
        </Page>
      )}
    </QueryView>
  )
}

function OwnBanner({ pool, load, queue }: { pool: WorkPool; load: WorkPoolLoad; queue: WorkQueue }) {
  const own = load.queues.filter(({ id }) => id === queue.id)
  return <WaitingBanner pool={pool} load={{ ...load, queues: own }} queue={queue.name} />
}

function Actions({ pool, queue, isDefault }: { pool: string; queue: WorkQueue; isDefault: boolean }) {
  const navigate = useNavigate()
  const [open, setOpen] = useState<'change' | 'delete' | null>(null)
  const pause = usePoolMutation(() => updateWorkQueue(pool, queue.name, { is_paused: !queue.is_paused }), {
    onSuccess: () => notify(queue.is_paused ? `Resumed ${queue.name}` : `Paused ${queue.name}`),
  })
  const close = () => setOpen(null)
  return (
    <>
      <Button
        isBusy={pause.isPending}
        icon={queue.is_paused ? <CirclePlay size={15} aria-hidden /> : <CirclePause size={15} aria-hidden />}
        onClick={() => pause.mutate()}
      >
        {queue.is_paused ? 'Resume' : 'Pause'}
      </Button>
      <Button icon={<Pencil size={15} aria-hidden />} onClick={() => setOpen('change')}>
        Change
      </Button>
      {!isDefault && (
        <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setOpen('delete')}>
          Delete
        </Button>
      )}
      {open === 'change' && (
        <QueueDialog
          pool={pool}
          queue={queue}
          onClose={close}
          onSaved={(saved) =>
            void navigate({
              to: '/work-pools/work-pool/$name/queue/$queue',
              params: { name: pool, queue: saved },
              replace: true,
            })
          }
        />
      )}
      {open === 'delete' && (
        <DeleteQueueDialog
          pool={pool}
          name={queue.name}
          onClose={close}
          onDeleted={() =>
            void navigate({ to: '/work-pools/work-pool/$name', params: { name: pool }, search: { tab: 'queues' } })
          }
        />
      )}
    </>
  )
}

interface DetailsProps {
  pool: WorkPool | undefined
  load: WorkPoolLoad | undefined
  queue: WorkQueue
}

function Details({ pool, load, queue }: DetailsProps) {
  const own = load?.queues.find(({ id }) => id === queue.id)
  return (
    <>
      <Panel title="Details">
        <Facts
          facts={[
            ['Id', <code key="id">{queue.id}</code>],
            ['Priority', String(queue.priority)],
            [
              'Running',
              own && (
                <SlotMeter key="slots" name={queue.name} taken={own.active_slots} limit={queue.concurrency_limit} />
              ),
            ],
            ['Due and waiting', own && <Waiting key="waiting" load={own} />],
            [
              'Last polled',
              queue.last_polled ? <Time key="polled" value={queue.last_polled} look="relative" /> : 'never',
            ],
            ['Created', queue.created && <Time key="created" value={queue.created} />],
            ['Changed', queue.updated && <Time key="updated" value={queue.updated} />],
          ]}
        />
      </Panel>
      {pool !== undefined && (
        <Panel title="Start a worker for this queue alone">
          <CodeBlock label="Start a worker" code={startWorker(pool, queue.name)} />
        </Panel>
      )}
    </>
  )
}
