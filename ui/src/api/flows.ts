// Flows: lists, one, and names for those that other objects point to.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { SHOWN_RUNS } from './flow-runs'
import { keyOf } from './keys'
import { inPortions } from './portions'
import type { FlowSort } from './types'

export interface FlowsAsked {
  name?: string
  tags?: string[]
  /** Whether it has deployments. */
  isDeployed?: boolean
  sort?: FlowSort
  page: number
  limit: number
}

/** A page of flows, by name where nothing else is said. */
export function flowsQuery({ name, tags, isDeployed, sort = 'NAME_ASC', page, limit }: FlowsAsked) {
  const flows = {
    ...(name !== undefined && { name: { like_: name } }),
    ...(tags !== undefined && { tags: { all_: tags } }),
    ...(isDeployed !== undefined && { deployment: { is_null_: !isDeployed } }),
  }
  return queryOptions({
    queryKey: keyOf('flows', 'page', flows, sort, page, limit),
    queryFn: ({ signal }) => answerOf(api.POST('/flows/paginate', { body: { flows, sort, page, limit }, signal })),
    placeholderData: keepPreviousData,
  })
}

/** One flow. */
export function flowQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('flows', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/flows/{id}', { params: { path: { id } }, signal })),
  })
}

/** The names of flows by their ids, in one request. */
export function flowNamesQuery(ids: readonly string[]) {
  const asked = [...new Set(ids)].sort()
  return queryOptions({
    queryKey: keyOf('flows', 'names', asked),
    queryFn: async ({ signal }) => {
      const flows = await answerOf(
        api.POST('/flows/filter', { body: { flows: { id: { any_: asked } }, limit: asked.length }, signal }),
      )
      return new Map(flows.map(({ id, name }) => [id, name]))
    },
    enabled: asked.length > 0,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  })
}

/** How many deployments each flow has. */
export function deploymentCountsQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: keyOf('deployments', 'counts-of-flows', ids),
    queryFn: ({ signal }) =>
      answerOf(api.POST('/ui/flows/count-deployments', { body: { flow_ids: [...ids] }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

/** The last runs of each flow, and its next one, in one request. */
export function flowActivityQuery(ids: readonly string[], runs = SHOWN_RUNS) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'of-flows', ids, runs),
    queryFn: ({ signal }) => answerOf(api.POST('/ui/flows/activity', { body: { ids: [...ids], runs }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

/** Sums over the runs of a flow between two times (milliseconds), by their states. */
export function flowSumsQuery(id: string, from: number, to: number) {
  const span = {
    history_start: new Date(from).toISOString(),
    history_end: new Date(to).toISOString(),
    history_interval_seconds: (to - from) / 1000,
  }
  return queryOptions({
    queryKey: keyOf('flow-runs', 'sums-of-flow', id, span),
    queryFn: async ({ signal }) => {
      const body = { flows: { id: { any_: [id] } }, ...span }
      return (await answerOf(api.POST('/flow_runs/history', { body, signal }))).flatMap(({ states }) => states)
    },
    placeholderData: keepPreviousData,
  })
}

/** What goes with flows that are deleted: how many of each there are. */
export function holdingsOfFlowsQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'holdings-of-flows', ids),
    queryFn: async ({ signal }) => {
      const asked = { body: { flows: { id: { any_: [...ids] } } }, signal }
      const [deployments, runs, taskRuns] = await Promise.all([
        answerOf(api.POST('/deployments/count', asked)),
        answerOf(api.POST('/flow_runs/count', asked)),
        answerOf(api.POST('/task_runs/count', asked)),
      ])
      return { deployments, runs, taskRuns }
    },
  })
}

/** Delete flows with their deployments and runs; returns how many there were. */
export function deleteFlows(ids: readonly string[]) {
  return inPortions(ids, async (some) => {
    const body = { flows: { id: { any_: some } } }
    return (await answerOf(api.POST('/flows/bulk_delete', { body }))).deleted
  })
}
