// The queues of a pool in the order in which they are served, and what can be done with each.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'

import type { QueueLoad, WorkPool, WorkPoolLoad, WorkQueue } from '@/api/types'
import { updateWorkQueue, workQueuesQuery } from '@/api/work-queues'
import { Badge } from '@/design/badge'
import { Button, IconButton } from '@/design/button'
import { columnsOf, DataTable } from '@/design/data-table'
import { Menu, MenuItem } from '@/design/overlays'
import { Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Switch } from '@/design/switch'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import { DeleteQueueDialog } from './delete-dialogs'
import { PoolStatus, SlotMeter, Waiting } from './pool-status'
import { QueueDialog } from './queue-dialog'
import { usePoolMutation } from './use-pool-mutation'
import styles from './work-pools.module.css'

interface Row {
  queue: WorkQueue
  load: QueueLoad | undefined
  pool: WorkPool
  before: WorkQueue | undefined
  after: WorkQueue | undefined
}
type Choice = { what: 'new' } | { what: 'change' | 'delete'; queue: WorkQueue } | null

/** The panel. */
export function QueuesPanel({ pool, load }: { pool: WorkPool; load: WorkPoolLoad | null }) {
  const queues = useQuery(workQueuesQuery(pool.name))
  const [choice, choose] = useState<Choice>(null)
  const columns = useMemo(() => columnsWith(choose), [])
  const rows = useMemo(() => rowsOf(pool, queues.data ?? [], load), [pool, queues.data, load])
  const close = () => choose(null)
  const add = (
    <Button icon={<Plus size={15} aria-hidden />} onClick={() => choose({ what: 'new' })}>
      New work queue
    </Button>
  )
  return (
    <Panel title="Work queues, those first that are served first" actions={add} isFlush>
      <QueryView query={queues} placeholder={<Skeleton lines={3} height="2rem" />}>
        {() => <DataTable caption="Work queues" columns={columns} rows={rows} rowKey={({ queue }) => queue.id} />}
      </QueryView>
      {choice?.what === 'new' && <QueueDialog pool={pool.name} queue={null} onClose={close} />}
      {choice?.what === 'change' && <QueueDialog pool={pool.name} queue={choice.queue} onClose={close} />}
      {choice?.what === 'delete' && <DeleteQueueDialog pool={pool.name} name={choice.queue.name} onClose={close} />}
    </Panel>
  )
}

function rowsOf(pool: WorkPool, queues: readonly WorkQueue[], load: WorkPoolLoad | null): Row[] {
  const loads = new Map(load?.queues.map((each) => [each.id, each]))
  return queues.map((queue, index) => ({
    queue,
    load: loads.get(queue.id),
    pool,
    before: queues[index - 1],
    after: queues[index + 1],
  }))
}

const helper = columnsOf<Row>()

function columnsWith(choose: (choice: Choice) => void) {
  return helper.columns([
    helper.display({ id: 'name', header: 'Work queue', cell: ({ row }) => <NameCell {...row.original} /> }),
    helper.display({ id: 'order', header: 'Priority', cell: ({ row }) => <OrderCell {...row.original} /> }),
    helper.display({
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => <PoolStatus pool={original.queue} />,
    }),
    helper.display({
      id: 'slots',
      header: 'Running',
      cell: ({ row: { original } }) =>
        original.load && (
          <SlotMeter
            name={original.queue.name}
            taken={original.load.active_slots}
            limit={original.queue.concurrency_limit}
          />
        ),
    }),
    helper.display({
      id: 'waiting',
      header: 'Due and waiting',
      cell: ({ row: { original } }) =>
        original.load && (
          <span>
            <Waiting load={original.load} /> <span className={styles.narrow}>waiting</span>
          </span>
        ),
    }),
    helper.display({ id: 'served', header: 'Served', cell: ({ row: { original } }) => <ServedSwitch {...original} /> }),
    helper.display({
      id: 'actions',
      header: () => <span className="visually-hidden">Actions</span>,
      cell: ({ row: { original } }) => <QueueMenu row={original} choose={choose} />,
    }),
  ])
}

function NameCell({ queue, pool }: Row) {
  return (
    <div className={styles.name}>
      <Link to="/work-pools/work-pool/$name/queue/$queue" params={{ name: pool.name, queue: queue.name }}>
        {queue.name}
      </Link>
      {queue.id === pool.default_queue_id ? (
        <Badge>default</Badge>
      ) : (
        queue.description && <span className={styles.sub}>{queue.description}</span>
      )}
    </div>
  )
}

/** The place of a queue; whoever moves up gets the priority of the one above, who moves back. */
function OrderCell({ queue, pool, before, after }: Row) {
  const cell = useRef<HTMLSpanElement>(null)
  const move = usePoolMutation(
    ({ mover, to }: { mover: WorkQueue; to: WorkQueue }) =>
      updateWorkQueue(pool.name, mover.name, { priority: to.priority }),
    { onSuccess: () => cell.current?.focus() },
  )
  const up = before && (() => move.mutate({ mover: queue, to: before }))
  const down = after && (() => move.mutate({ mover: after, to: queue }))
  return (
    <span
      ref={cell}
      className={styles.order}
      role="group"
      aria-label={`Priority of ${queue.name}: ${queue.priority}`}
      tabIndex={-1}
      onKeyDown={({ altKey, key }) => {
        if (!altKey || move.isPending) return
        if (key === 'ArrowUp') up?.()
        if (key === 'ArrowDown') down?.()
      }}
    >
      {queue.priority}
      <IconButton
        label={`Serve ${queue.name} earlier`}
        icon={<ArrowUp size={15} aria-hidden />}
        disabled={up === undefined || move.isPending}
        onClick={up}
      />
      <IconButton
        label={`Serve ${queue.name} later`}
        icon={<ArrowDown size={15} aria-hidden />}
        disabled={down === undefined || move.isPending}
        onClick={down}
      />
    </span>
  )
}

function ServedSwitch({ queue, pool }: Row) {
  const pause = usePoolMutation(
    (isServed: boolean) => updateWorkQueue(pool.name, queue.name, { is_paused: !isServed }),
    { onSuccess: () => notify(queue.is_paused ? `Resumed ${queue.name}` : `Paused ${queue.name}`) },
  )
  return (
    <Switch
      label={`Workers get runs of ${queue.name}`}
      isOn={!queue.is_paused}
      onChange={(isServed) => pause.mutate(isServed)}
    />
  )
}

function QueueMenu({ row: { queue, pool }, choose }: { row: Row; choose: (choice: Choice) => void }) {
  return (
    <Menu
      trigger={<IconButton label={`What can be done with ${queue.name}`} icon={<Ellipsis size={17} aria-hidden />} />}
    >
      <MenuItem icon={<Pencil size={15} aria-hidden />} onSelect={() => choose({ what: 'change', queue })}>
        Change
      </MenuItem>
      <MenuItem
        icon={<Trash2 size={15} aria-hidden />}
        isDangerous
        // The server keeps the default queue as long as there is its pool.
        isDisabled={queue.id === pool.default_queue_id}
        onSelect={() => choose({ what: 'delete', queue })}
      >
        Delete
      </MenuItem>
    </Menu>
  )
}
