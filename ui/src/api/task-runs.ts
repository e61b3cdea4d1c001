// Task runs: those of a flow run, one, and its states.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { FlowRunFilter, StateCreate, StateType, TaskRunFilter, TaskRunSort } from './types'

/** How many names are asked for at most. */
const MOST_NAMES = 200

export interface TaskRunsAsked {
  flowRunId: string
  states?: StateType[]
  name?: string
  sort?: TaskRunSort
  page: number
  limit: number
}

export interface AllTaskRunsAsked {
  filter: TaskRunFilter
  flowId?: string
  deploymentId?: string
  sort: TaskRunSort
  page: number
  limit: number
}

/** A page of the task runs of a flow run. */
export function taskRunsQuery({
  flowRunId,
  states,
  name,
  sort = 'EXPECTED_START_TIME_DESC',
  page,
  limit,
}: TaskRunsAsked) {
  const filter = {
    flow_run_id: { any_: [flowRunId] },
    ...(states !== undefined && { state: { type: { any_: states } } }),
    ...(name !== undefined && { name: { like_: name } }),
  }
  return queryOptions({
    queryKey: keyOf('task-runs', 'page', filter, sort, page, limit),
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/task_runs/paginate', {
          body: { task_runs: filter, sort, page, limit },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })
}

/** A page of the task runs of all flow runs that match. */
export function allTaskRunsQuery({ filter, flowId, deploymentId, sort, page, limit }: AllTaskRunsAsked) {
  const body = {
    task_runs: filter,
    ...(flowId !== undefined && { flows: { id: { any_: [flowId] } } }),
    ...(deploymentId !== undefined && { deployments: { id: { any_: [deploymentId] } } }),
    sort,
    page,
    limit,
  }
  return queryOptions({
    queryKey: keyOf('task-runs', 'all', body),
    queryFn: ({ signal }) => answerOf(api.POST('/task_runs/paginate', { body, signal })),
    placeholderData: keepPreviousData,
  })
}

/** One task run, with the name of its flow run. */
export function taskRunQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('task-runs', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/ui/task_runs/{id}', { params: { path: { id } }, signal })),
  })
}

/** All states that the task run has been in, the first first. */
export function taskRunStatesQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('task-runs', 'states', id),
    queryFn: ({ signal }) => answerOf(api.GET('/task_run_states/', { params: { query: { task_run_id: id } }, signal })),
  })
}

/** The names of task runs by their ids. */
export function taskRunNamesQuery(ids: readonly string[]) {
  const asked = [...new Set(ids)].sort().slice(0, MOST_NAMES)
  const body = { task_runs: { id: { any_: asked } }, limit: asked.length }
  return queryOptions({
    queryKey: keyOf('task-runs', 'names', asked),
    queryFn: async ({ signal }) => {
      const runs = await answerOf(api.POST('/task_runs/filter', { body, signal }))
      return new Map(runs.map(({ id, name }) => [id, name]))
    },
    enabled: asked.length > 0,
    staleTime: Infinity,
  })
}

/** Put the task run into a state, whatever the server thinks of it. Errors: ApiError. */
export function setTaskRunState(id: string, state: StateCreate) {
  return answerOf(api.POST('/task_runs/{id}/set_state', { params: { path: { id } }, body: { state, force: true } }))
}

/** Delete the task run with its states and logs. */
export function deleteTaskRun(id: string) {
  return answerOf(api.DELETE('/task_runs/{id}', { params: { path: { id } } }))
}

/** How task runs of flow runs that match have ended, in equal intervals from a time until now. */
export function taskRunCountsQuery(filter: FlowRunFilter, since: string) {
  const body = { flow_runs: filter, task_runs: { start_time: { after_: since } } }
  return queryOptions({
    queryKey: keyOf('task-runs', 'counts', filter, since),
    queryFn: ({ signal }) => answerOf(api.POST('/ui/task_runs/dashboard/counts', { body, signal })),
    placeholderData: keepPreviousData,
  })
}
