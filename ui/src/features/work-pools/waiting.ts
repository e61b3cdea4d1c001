// What a pool has to do, in sums, and why runs that are due are not taken.
import type { QueueLoad, WorkPool, WorkPoolLoad } from '@/api/types'
import { formatDuration, secondsBetween } from '@/lib/time'

/** Seconds since which a queue must have been asked for runs to count as served; as the server counts. */
const SERVED_WITHIN = 60
/** Seconds that a run may wait without anything being wrong: workers ask every so often. */
const PATIENCE = 30

export interface PoolSums {
  slots: number
  waiting: number
  /** When the run was due that waits longest; null where none does. */
  since: string | null
  lastPolled: string | null
  queues: number
  pausedQueues: number
}

/** The sums over a pool's queues. */
export function sumsOf({ queues }: WorkPoolLoad): PoolSums {
  return {
    slots: queues.reduce((sum, queue) => sum + queue.active_slots, 0),
    waiting: queues.reduce((sum, queue) => sum + queue.waiting, 0),
    since: queues.reduce<string | null>((first, { waiting_since: each }) => earlier(first, each), null),
    lastPolled: queues.reduce<string | null>((last, { last_polled: each }) => later(last, each), null),
    queues: queues.length,
    pausedQueues: queues.filter((queue) => queue.is_paused).length,
  }
}

export interface Reason {
  words: string
  /** What would help. */
  remedy: 'worker' | 'resume-pool' | 'resume-queue' | 'limit' | 'look'
}

/** Why the runs of a pool that are due wait; nothing where none waits longer than it takes. `now` in milliseconds. */
export function reasonsOf(pool: WorkPool, load: WorkPoolLoad, now: number): Reason[] {
  const sums = sumsOf(load)
  if (sums.since === null || secondsBetween(sums.since, null, now) < PATIENCE) return []
  const all = `${runs(sums.waiting)} due, the first for ${waited(sums.since, now)}`
  if (pool.is_paused)
    return [{ words: `The work pool is paused, and workers get nothing from it. ${all}.`, remedy: 'resume-pool' }]
  if (load.workers_online === 0 && !load.queues.some((queue) => isServed(queue, now)))
    return [{ words: `No worker asks for runs. ${all}.`, remedy: 'worker' }]
  if (pool.concurrency_limit !== null && sums.slots >= pool.concurrency_limit)
    return [
      {
        words: `All ${pool.concurrency_limit} slots of the work pool are taken: the next run starts when one ends. ${all}.`,
        remedy: 'limit',
      },
    ]
  return load.queues.flatMap((queue) => reasonOf(queue, now) ?? [])
}

/** Why the runs of one queue wait, where the pool as a whole is served. */
function reasonOf(queue: QueueLoad, now: number): Reason | null {
  const { waiting_since: since } = queue
  if (since === null || secondsBetween(since, null, now) < PATIENCE) return null
  const all = `${runs(queue.waiting)} due, the first for ${waited(since, now)}`
  if (queue.is_paused) return { words: `The queue ${queue.name} is paused. ${all}.`, remedy: 'resume-queue' }
  if (queue.concurrency_limit !== null && queue.active_slots >= queue.concurrency_limit)
    return {
      words: `All ${queue.concurrency_limit} slots of the queue ${queue.name} are taken. ${all}.`,
      remedy: 'limit',
    }
  if (!isServed(queue, now))
    return {
      words: `No worker asks for runs of the queue ${queue.name}; those there are serve others. ${all}.`,
      remedy: 'worker',
    }
  return {
    words: `Workers ask for runs of the queue ${queue.name}, but do not take these: they may have reached a limit of their own, or of the deployment. ${all}.`,
    remedy: 'look',
  }
}

function isServed({ last_polled: polled }: QueueLoad, now: number): boolean {
  return polled !== null && secondsBetween(polled, null, now) <= SERVED_WITHIN
}

function runs(count: number): string {
  return count === 1 ? '1 run is' : `${count.toLocaleString('en')} runs are`
}

function waited(since: string, now: number): string {
  return formatDuration(Math.round(secondsBetween(since, null, now)))
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return Date.parse(other) < Date.parse(one) ? other : one
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return Date.parse(other) > Date.parse(one) ? other : one
}
