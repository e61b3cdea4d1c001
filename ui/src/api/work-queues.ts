// The queues of a work pool, in order of priority, and what stands behind a pool or a queue.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { WorkQueue } from './types'

const MOST = 200

/** The queues of a pool, those first that are served first. */
export function workQueuesQuery(pool: string) {
  return queryOptions({
    queryKey: keyOf('work-pools', 'queues', pool),
    queryFn: ({ signal }) => {
      const params = { path: { work_pool_name: pool } }
      return answerOf(api.POST('/work_pools/{work_pool_name}/queues/filter', { params, body: { limit: MOST }, signal }))
    },
  })
}

/** One queue of a pool by its name. */
export function workQueueQuery(pool: string, name: string) {
  return queryOptions({
    queryKey: keyOf('work-pools', 'queue', pool, name),
    queryFn: ({ signal }) => {
      const params = { path: { work_pool_name: pool, name } }
      return answerOf(api.GET('/work_pools/{work_pool_name}/queues/{name}', { params, signal }))
    },
  })
}

export type QueueDraft = Partial<
  Pick<WorkQueue, 'name' | 'description' | 'concurrency_limit' | 'priority' | 'is_paused'>
>

/** Make a queue in a pool. */
export function createWorkQueue(pool: string, queue: QueueDraft & { name: string }) {
  const params = { path: { work_pool_name: pool } }
  return answerOf(api.POST('/work_pools/{work_pool_name}/queues', { params, body: queue }))
}

/** Change what is given of a queue; whoever has its new priority moves back. */
export function updateWorkQueue(pool: string, name: string, changes: QueueDraft) {
  const params = { path: { work_pool_name: pool, name } }
  return answerOf(api.PATCH('/work_pools/{work_pool_name}/queues/{name}', { params, body: changes }))
}

/** Delete a queue. */
export function deleteWorkQueue(pool: string, name: string) {
  const params = { path: { work_pool_name: pool, name } }
  return answerOf(api.DELETE('/work_pools/{work_pool_name}/queues/{name}', { params }))
}

/** What loses its pool, or its queue, when that is deleted: deployments, and runs that wait. */
export function dependentsQuery(pool: string, queue?: string) {
  const where = {
    work_pools: { name: { any_: [pool] } },
    ...(queue !== undefined && { work_pool_queues: { name: { any_: [queue] } } }),
  }
  return queryOptions({
    queryKey: keyOf('work-pools', 'dependents', where),
    queryFn: async ({ signal }) => {
      const waits = { state: { type: { any_: ['SCHEDULED' as const] } } }
      const [deployments, runs] = await Promise.all([
        answerOf(api.POST('/deployments/count', { body: where, signal })),
        answerOf(api.POST('/flow_runs/count', { body: { ...where, flow_runs: waits }, signal })),
      ])
      return { deployments, runs }
    },
    staleTime: 0,
  })
}
