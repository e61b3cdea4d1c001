// Flow runs: what is asked about them, and what can be done to them.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { FlowRunFilter, FlowRunSort, StateCreate, StateType } from './types'

export interface FlowRunsAsked {
  filter: FlowRunFilter
  sort: FlowRunSort
  page: number
  limit: number
  flowId?: string
  workPool?: string
  /** The name of a queue of `workPool`. */
  workQueue?: string
}

/** The server's limit for points of a plot. */
export const MOST_POINTS = 1000

/** Bars of an activity beside an object in a list. */
export const SHOWN_RUNS = 16

type Which = Pick<FlowRunsAsked, 'filter' | 'flowId' | 'workPool' | 'workQueue'>

/** The body that asks for the flow runs that match. */
export function whereOf({ filter, flowId, workPool, workQueue }: Which) {
  return {
    flow_runs: filter,
    ...(flowId !== undefined && { flows: { id: { any_: [flowId] } } }),
    ...(workPool !== undefined && { work_pools: { name: { any_: [workPool] } } }),
    ...(workQueue !== undefined && { work_pool_queues: { name: { any_: [workQueue] } } }),
  }
}

/** A page of flow runs. */
export function flowRunsQuery(asked: FlowRunsAsked) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'page', asked),
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/flow_runs/paginate', {
          body: { ...whereOf(asked), sort: asked.sort, page: asked.page, limit: asked.limit },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

/** The flow runs that match as points of a plot, the latest to start of them where there are more. */
export function flowRunPointsQuery(asked: Pick<FlowRunsAsked, 'filter' | 'flowId' | 'workPool'>) {
  const { filter, flowId, workPool } = asked
  return queryOptions({
    queryKey: keyOf('flow-runs', 'points', filter, flowId, workPool),
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/ui/flow_runs/history', {
          body: { ...whereOf(asked), sort: 'START_TIME_DESC', limit: MOST_POINTS },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

/** The first flow runs that match, without counting the rest. */
export function firstFlowRunsQuery(filter: FlowRunFilter, sort: FlowRunSort, limit: number) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'first', filter, sort, limit),
    queryFn: ({ signal }) =>
      answerOf(api.POST('/flow_runs/filter', { body: { flow_runs: filter, sort, limit }, signal })),
    placeholderData: keepPreviousData,
  })
}

/** The names of flow runs by their ids. */
export function flowRunNamesQuery(ids: readonly string[]) {
  const asked = [...new Set(ids)].sort()
  const body = { flow_runs: { id: { any_: asked } }, limit: asked.length }
  return queryOptions({
    queryKey: keyOf('flow-runs', 'names', asked),
    queryFn: async ({ signal }) => {
      const runs = await answerOf(api.POST('/flow_runs/filter', { body, signal }))
      return new Map(runs.map(({ id, name }) => [id, name]))
    },
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  })
}

/** How many flow runs were in which state, in intervals. Times are ISO texts, `every` is seconds. */
export function flowRunHistoryQuery(filter: FlowRunFilter, start: string, end: string, every: number) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'history', filter, start, end, every),
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/flow_runs/history', {
          body: { flow_runs: filter, history_start: start, history_end: end, history_interval_seconds: every },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

/** One flow run. */
export function flowRunQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/flow_runs/{id}', { params: { path: { id } }, signal })),
  })
}

/** Why the flow run is where it is. */
export function explanationQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'explanation', id),
    queryFn: ({ signal }) => answerOf(api.GET('/flow_runs/{id}/explain', { params: { path: { id } }, signal })),
  })
}

/** All states that the flow run has been in, the first first. */
export function flowRunStatesQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'states', id),
    queryFn: ({ signal }) => answerOf(api.GET('/flow_run_states/', { params: { query: { flow_run_id: id } }, signal })),
  })
}

/** Ask for another state. Errors: ApiError, also where the server refuses the change. */
export async function setFlowRunState(id: string, state: StateCreate, force = false) {
  const result = await answerOf(
    api.POST('/flow_runs/{id}/set_state', { params: { path: { id } }, body: { state, force } }),
  )
  if (result.status !== 'ACCEPT') throw new Error(refusal(result.details) ?? 'The server did not accept the change.')
  return result
}

/** The state that cancels: through Cancelling where something runs that must be stopped, at once where nothing does. */
export function cancellation(current: StateType | null): StateCreate {
  const isStarted = current === 'RUNNING' || current === 'PENDING'
  return isStarted ? { type: 'CANCELLING', name: 'Cancelling' } : { type: 'CANCELLED', name: 'Cancelled' }
}

/** The state that makes whoever serves its work pool run again what has ended; it must be forced. */
export const RETRY = { type: 'SCHEDULED', name: 'AwaitingRetry', message: 'Retry from the UI' } satisfies StateCreate

/** The schema of what a paused flow run asks for, by the key that its state names. */
export function runInputSchemaQuery(id: string, key: string) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'input-schema', id, key),
    queryFn: async ({ signal }) => JSON.parse(await readInput(id, key, signal)) as Record<string, unknown>,
    staleTime: Infinity,
  })
}

/** What a paused flow run says to who is to answer, by the key that its state names. */
export function runInputDescriptionQuery(id: string, key: string | undefined) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'input-description', id, key),
    queryFn: async ({ signal }) => unquoted(await readInput(id, key ?? '', signal)),
    enabled: key !== undefined,
    staleTime: Infinity,
  })
}

/** A text that a client has stored as JSON; what is none counts as the text itself. */
function unquoted(stored: string): string {
  try {
    const value: unknown = JSON.parse(stored)
    return typeof value === 'string' ? value : stored
  } catch {
    return stored
  }
}

function readInput(id: string, key: string, signal: AbortSignal): Promise<string> {
  const params = { path: { id, key } }
  return answerOf(api.GET('/flow_runs/{id}/input/{key}', { params, parseAs: 'text', signal }))
}

/** Go on with a paused flow run. */
export async function resumeFlowRun(id: string, input: Record<string, unknown> | null) {
  const result = await answerOf(
    api.POST('/flow_runs/{id}/resume', { params: { path: { id } }, body: { run_input: input } }),
  )
  if (result.status !== 'ACCEPT') throw new Error(refusal(result.details) ?? 'The server did not accept the change.')
  return result
}

/** Delete the flow run with its logs and task runs. */
export function deleteFlowRun(id: string) {
  return answerOf(api.DELETE('/flow_runs/{id}', { params: { path: { id } } }))
}

function refusal(details: { reason?: string | null } | object): string | null {
  return 'reason' in details ? (details.reason ?? null) : null
}
