import { describe, expect, it } from 'vitest'

import { aPoolLoad, aQueueLoad, aWorkPool } from '@/test/objects'

import { startWorker } from './snippets'
import { reasonsOf, sumsOf } from './waiting'

const NOW = Date.parse('2026-11-22T10:10:00Z')
const SINCE = '2026-11-22T10:05:00Z'
const JUST_NOW = '2026-11-22T10:09:50Z'
const waiting = { waiting: 2, waiting_since: SINCE }

describe('reasonsOf', () => {
  it.each([
    ['nothing waits', {}, { workers_online: 0 }, {}, []],
    ['it has only just become due', {}, {}, { waiting: 1, waiting_since: JUST_NOW }, []],
    ['the pool is paused', { is_paused: true }, {}, waiting, ['resume-pool']],
    ['nobody asks', {}, { workers_online: 0 }, { ...waiting, last_polled: SINCE }, ['worker']],
    [
      'agents ask, who give no sign of life',
      {},
      { workers_online: 0 },
      { ...waiting, last_polled: JUST_NOW },
      ['look'],
    ],
    ['the slots of the pool are taken', { concurrency_limit: 3 }, {}, { ...waiting, active_slots: 3 }, ['limit']],
    ['the queue is paused', {}, {}, { ...waiting, is_paused: true }, ['resume-queue']],
    ['the slots of the queue are taken', {}, {}, { ...waiting, concurrency_limit: 1, active_slots: 1 }, ['limit']],
    ['workers ask other queues', {}, {}, { ...waiting, last_polled: null }, ['worker']],
  ])('%s', (_, pool, load, queue, remedies) => {
    const all = aPoolLoad({ ...load, queues: [aQueueLoad(queue)] })
    expect(reasonsOf(aWorkPool(pool), all, NOW).map(({ remedy }) => remedy)).toEqual(remedies)
  })

  it('says how many wait and for how long', () => {
    const load = aPoolLoad({ workers_online: 0, queues: [aQueueLoad({ ...waiting, last_polled: null })] })
    expect(reasonsOf(aWorkPool(), load, NOW)[0]?.words).toBe(
      'No worker asks for runs. 2 runs are due, the first for 5m.',
    )
  })
})

it('adds up the queues of a pool', () => {
  const queues = [
    aQueueLoad({ waiting: 2, waiting_since: JUST_NOW, active_slots: 1, last_polled: SINCE }),
    aQueueLoad({ waiting: 3, waiting_since: SINCE, is_paused: true, last_polled: JUST_NOW }),
  ]
  expect(sumsOf(aPoolLoad({ queues }))).toEqual({
    slots: 1,
    waiting: 5,
    since: SINCE,
    lastPolled: JUST_NOW,
    queues: 2,
    pausedQueues: 1,
  })
})

describe('startWorker', () => {
  it('quotes names that a shell would take apart', () => {
    expect(startWorker({ name: "the boss's", type: 'process' }, 'first')).toContain(
      `ostinato worker start --pool 'the boss'\\''s' --work-queue first\n`,
    )
  })

  it('names the client that has a worker of the type', () => {
    expect(startWorker({ name: 'cloud', type: 'ecs' })).toBe('prefect worker start --pool cloud')
  })
})
