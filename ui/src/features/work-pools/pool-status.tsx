// How a work pool or a queue is, in a word and a colour, and how many of its slots are taken.
import type { QueueLoad, WorkPool, WorkPoolLoad, WorkQueue } from '@/api/types'
import { Badge } from '@/design/badge'
import { Meter } from '@/design/meter'
import { RunningDuration } from '@/design/time'

import { sumsOf } from './waiting'
import styles from './work-pools.module.css'

const STATUS = {
  READY: ['Ready', 'good'],
  NOT_READY: ['No worker', 'warn'],
  PAUSED: ['Paused', 'plain'],
} as const

/** The status of a pool, or of a queue. */
export function PoolStatus({ pool }: { pool: Pick<WorkPool | WorkQueue, 'is_paused' | 'status'> }) {
  const [text, tone] = STATUS[pool.is_paused ? 'PAUSED' : (pool.status ?? 'NOT_READY')]
  return <Badge tone={tone}>{text}</Badge>
}

/** How many of a pool's slots are taken: `3 of 10 slots`. */
export function poolSlots(load: WorkPoolLoad): string {
  return slotWords(sumsOf(load).slots, load.concurrency_limit)
}

function slotWords(taken: number, limit: number | null): string {
  return limit === null ? `${taken} running` : `${taken} of ${limit} slots`
}

/** The slots of a pool or a queue: a meter where they are limited. */
export function SlotMeter({ name, taken, limit }: { name: string; taken: number; limit: number | null }) {
  if (limit === null) return <span className={styles.quiet}>{slotWords(taken, limit)}</span>
  const text = `${taken} of ${limit}`
  return (
    <Meter label={`Slots of ${name}`} value={taken} max={limit} text={text} tone={taken >= limit ? 'full' : 'plain'} />
  )
}

/** How many runs are due and not taken, and for how long the first waits. */
export function Waiting({ load }: { load: WorkPoolLoad | QueueLoad }) {
  const { waiting, since } = 'queues' in load ? sumsOf(load) : { waiting: load.waiting, since: load.waiting_since }
  if (since === null) return <span className={styles.quiet}>none</span>
  return (
    <span>
      {waiting.toLocaleString('en')}
      <span className={styles.quiet}>
        {' '}
        for <RunningDuration from={since} to={null} />
      </span>
    </span>
  )
}
