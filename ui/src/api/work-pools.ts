// Work pools: lists, one, what they have to do, and what can be done to them.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { WorkPoolDraft, WorkPoolLoad } from './types'

const MOST = 200
const MINUTE = 60_000

/** All work pools, up to the server's limit. */
export function workPoolsQuery() {
  return queryOptions({
    queryKey: keyOf('work-pools', 'all'),
    queryFn: ({ signal }) => answerOf(api.POST('/work_pools/filter', { body: { limit: MOST }, signal })),
  })
}

/** A page of work pools by name, with how many there are. */
export function workPoolsPageQuery(page: number, limit: number) {
  return queryOptions({
    queryKey: keyOf('work-pools', 'page', page, limit),
    queryFn: async ({ signal }) => {
      const [results, count] = await Promise.all([
        answerOf(api.POST('/work_pools/filter', { body: { limit, offset: (page - 1) * limit }, signal })),
        answerOf(api.POST('/work_pools/count', { body: {}, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** What a page of work pools has to do, by the ids of the pools. */
export function workPoolLoadsQuery(page: number, limit: number) {
  return queryOptions({
    queryKey: keyOf('work-pool-loads', 'page', page, limit),
    queryFn: async ({ signal }) => {
      const body = { limit, offset: (page - 1) * limit }
      const loads = await answerOf(api.POST('/work_pools/loads', { body, signal }))
      return new Map(loads.map((load) => [load.work_pool_id, load]))
    },
    refetchInterval: ({ state }) => againWhileServed([...(state.data?.values() ?? [])]),
    placeholderData: keepPreviousData,
  })
}

/** What one work pool has to do; null where there is no such pool any more. */
export function workPoolLoadQuery(name: string) {
  return queryOptions({
    queryKey: keyOf('work-pool-loads', 'one', name),
    queryFn: async ({ signal }) => {
      const body = { work_pools: { name: { any_: [name] } } }
      return (await answerOf(api.POST('/work_pools/loads', { body, signal })))[0] ?? null
    },
    refetchInterval: ({ state }) => againWhileServed(state.data ? [state.data] : []),
  })
}

/** No event tells that a worker has asked once more: while one does, its last time is looked up again by and by. */
function againWhileServed(loads: WorkPoolLoad[]): number | false {
  return loads.some(({ workers_online: online }) => online > 0) ? MINUTE : false
}

/** One work pool by its name. */
export function workPoolQuery(name: string) {
  return queryOptions({
    queryKey: keyOf('work-pools', 'one', name),
    queryFn: ({ signal }) => answerOf(api.GET('/work_pools/{name}', { params: { path: { name } }, signal })),
  })
}

/** A kind of worker: what it is called, and the template that its pools begin with. */
export interface WorkerType {
  type: string
  display_name: string
  description: string
  install_command: string
  default_base_job_configuration: Record<string, unknown>
}

/** The kinds of workers that the server knows, in its order. */
export function workerTypesQuery() {
  return queryOptions({
    queryKey: keyOf('work-pools', 'types'),
    queryFn: async ({ signal }) => {
      const params = { path: { view: 'aggregate-worker-metadata' } }
      const packages = await answerOf(api.GET('/collections/views/{view}', { params, signal }))
      // By package and type: a view is a document, which the API does not describe.
      return Object.values(packages as Record<string, Record<string, WorkerType>>).flatMap(Object.values<WorkerType>)
    },
    staleTime: Infinity,
  })
}

/** Make a work pool. */
export function createWorkPool(pool: WorkPoolDraft) {
  return answerOf(api.POST('/work_pools/', { body: pool }))
}

/** Change what is given of a work pool. */
export function updateWorkPool(name: string, changes: Partial<Omit<WorkPoolDraft, 'name' | 'type'>>) {
  return answerOf(api.PATCH('/work_pools/{name}', { params: { path: { name } }, body: changes }))
}

/** Pause a work pool or let it go on. */
export function pauseWorkPool(name: string, isPaused: boolean) {
  return updateWorkPool(name, { is_paused: isPaused })
}

/** Delete a work pool with its queues and workers. */
export function deleteWorkPool(name: string) {
  return answerOf(api.DELETE('/work_pools/{name}', { params: { path: { name } } }))
}
