// The workers of a work pool: who they are, and what they run now.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { Worker } from './types'

const MOST = 200
/** Seconds between the signs of life of a worker that does not say how often it gives them. */
const BEAT = 30
/** Milliseconds that a sign of life may take, beyond its time. */
const SLACK = 5000

/** The workers of a pool, the latest sign of life first. */
export function workersQuery(pool: string) {
  return queryOptions({
    queryKey: keyOf('work-pools', 'workers', pool),
    queryFn: ({ signal }) => {
      const params = { path: { work_pool_name: pool } }
      return answerOf(
        api.POST('/work_pools/{work_pool_name}/workers/filter', { params, body: { limit: MOST }, signal }),
      )
    },
    refetchInterval: ({ state }) => untilNextSign(state.data ?? []),
  })
}

/** No event tells of a sign of life, nor that one has not come: it is asked again when the next one is due. */
function untilNextSign(workers: readonly Worker[]): number | false {
  const beats = workers
    .filter(({ status }) => status === 'ONLINE')
    .map(({ heartbeat_interval_seconds: seconds }) => (seconds ?? BEAT) * 1000 + SLACK)
  return beats.length === 0 ? false : Math.max(BEAT * 1000, ...beats)
}

/** What the workers of a pool run now, at most so many runs of each; of all workers, or of one. */
export function workerRunsQuery(pool: string, most: number, worker?: string) {
  return queryOptions({
    queryKey: keyOf('work-pool-loads', 'workers', pool, most, worker),
    queryFn: ({ signal }) => {
      const params = { path: { work_pool_name: pool } }
      const body = { flow_run_limit: most, ...(worker !== undefined && { worker_names: [worker] }) }
      return answerOf(api.POST('/work_pools/{work_pool_name}/workers/flow_runs', { params, body, signal }))
    },
  })
}

/** Forget a worker. */
export function deleteWorker(pool: string, name: string) {
  const params = { path: { work_pool_name: pool, name } }
  return answerOf(api.DELETE('/work_pools/{work_pool_name}/workers/{name}', { params }))
}
