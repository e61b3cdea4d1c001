// Concurrency limits: named ones with slots, and the limits on task runs with a tag.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

const MOST = 200
const SOON = 2000

export interface LimitChange {
  name: string
  limit: number
  active: boolean
  slot_decay_per_second: number
}

/** The named limits in order of their names, up to the server's limit. */
export function concurrencyLimitsQuery() {
  return queryOptions({
    queryKey: keyOf('concurrency-limits', 'global'),
    queryFn: ({ signal }) => answerOf(api.POST('/v2/concurrency_limits/filter', { body: { limit: MOST }, signal })),
  })
}

/** Leases on a page of a ledger. */
export const LEDGER_PAGE = 50

/** A limit with a page of the leases that hold its slots, the oldest first. */
export function slotLedgerQuery(idOrName: string, page: number, limit: number) {
  const params = { path: { id_or_name: idOrName }, query: { limit, offset: (page - 1) * limit } }
  return queryOptions({
    queryKey: keyOf('concurrency-limits', 'ledger', idOrName, page, limit),
    queryFn: ({ signal }) => answerOf(api.GET('/v2/concurrency_limits/{id_or_name}/leases', { params, signal })),
    // No event tells that a lease was renewed, or that it has expired.
    refetchInterval: ({ state }) => untilNextEnd(state.data?.leases ?? [], Date.now()),
    placeholderData: keepPreviousData,
  })
}

/** Milliseconds until the first of the leases ends if nobody renews it; false where none will. */
export function untilNextEnd(leases: readonly { until: string | null }[], now: number): number | false {
  const ends = leases.flatMap(({ until }) => (until === null ? [] : [Date.parse(until) - now]))
  return ends.length > 0 && Math.max(SOON, Math.min(...ends) + SOON)
}

/** Take the slots of a lease away from who holds them. */
export function revokeLease(id: string) {
  return answerOf(api.DELETE('/v2/concurrency_limits/leases/{lease_id}', { params: { path: { lease_id: id } } }))
}

/** Make a named limit, or change one. */
export function saveConcurrencyLimit(id: string | null, limit: LimitChange) {
  if (id === null) return answerOf(api.POST('/v2/concurrency_limits/', { body: limit }))
  const params = { path: { id_or_name: id } }
  return answerOf(api.PATCH('/v2/concurrency_limits/{id_or_name}', { params, body: limit }))
}

/** Free all slots of a named limit: who holds them is not told. */
export function freeSlots(id: string) {
  const params = { path: { id_or_name: id } }
  return answerOf(api.PATCH('/v2/concurrency_limits/{id_or_name}', { params, body: { active_slots: 0 } }))
}

/** Delete a named limit. */
export function deleteConcurrencyLimit(id: string) {
  return answerOf(api.DELETE('/v2/concurrency_limits/{id_or_name}', { params: { path: { id_or_name: id } } }))
}

/** The limits on tags, with the task runs that hold their slots. */
export function tagLimitsQuery() {
  return queryOptions({
    queryKey: keyOf('concurrency-limits', 'tags'),
    queryFn: ({ signal }) => answerOf(api.POST('/concurrency_limits/filter', { body: { limit: MOST }, signal })),
  })
}

/** Limit the task runs with a tag, or change their limit. */
export function saveTagLimit(tag: string, limit: number) {
  return answerOf(api.POST('/concurrency_limits/', { body: { tag, concurrency_limit: limit } }))
}

/** Take a slot away from the task run that holds it. */
export function releaseTagSlot(tag: string, taskRunId: string) {
  return answerOf(api.POST('/concurrency_limits/decrement', { body: { names: [tag], task_run_id: taskRunId } }))
}

/** Delete the limit on a tag. */
export function deleteTagLimit(id: string) {
  return answerOf(api.DELETE('/concurrency_limits/{id}', { params: { path: { id } } }))
}

/** The task runs that hold slots. */
export function holdersQuery(ids: readonly string[]) {
  const body = { task_runs: { id: { any_: [...ids] } }, page: 1, limit: MOST }
  return queryOptions({
    queryKey: keyOf('concurrency-limits', 'holders', ids),
    queryFn: async ({ signal }) => (await answerOf(api.POST('/task_runs/paginate', { body, signal }))).results,
    enabled: ids.length > 0,
  })
}
