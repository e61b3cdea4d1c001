// Deployments: lists, one, names, and what can be done to them.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { ApiError } from './errors'
import { latestEventsQuery } from './events'
import { SHOWN_RUNS } from './flow-runs'
import { keyOf } from './keys'
import { inPortions } from './portions'
import type { DeploymentChanges, DeploymentDraft, DeploymentSort, EventFilter } from './types'

export interface DeploymentsAsked {
  name?: string
  tags?: string[]
  flowId?: string
  workPool?: string
  page: number
  limit: number
}

/** A page of deployments by name. */
export function deploymentsQuery({ name, tags, flowId, workPool, page, limit }: DeploymentsAsked) {
  const body = {
    deployments: {
      ...(name !== undefined && { flow_or_deployment_name: { like_: name } }),
      ...(tags !== undefined && { tags: { all_: tags } }),
    },
    ...(flowId !== undefined && { flows: { id: { any_: [flowId] } } }),
    ...(workPool !== undefined && { work_pools: { name: { any_: [workPool] } } }),
  }
  return queryOptions({
    queryKey: keyOf('deployments', 'page', body, page, limit),
    queryFn: ({ signal }) =>
      answerOf(api.POST('/deployments/paginate', { body: { ...body, sort: 'NAME_ASC', page, limit }, signal })),
    placeholderData: keepPreviousData,
  })
}

export type DeploymentHealth = 'ready' | 'not-ready' | 'paused'

export interface ListedDeploymentsAsked {
  name?: string
  tags?: string[]
  flowId?: string
  workPool?: string
  health?: DeploymentHealth
}

const HEALTH: Record<DeploymentHealth, { paused: { eq_: boolean }; status?: { any_: ('READY' | 'NOT_READY')[] } }> = {
  ready: { paused: { eq_: false }, status: { any_: ['READY'] } },
  'not-ready': { paused: { eq_: false }, status: { any_: ['NOT_READY'] } },
  paused: { paused: { eq_: true } },
}

/** The body that asks for deployments; `isUntagged`: only those without tags. */
function whereOf({ name, tags, flowId, workPool, health }: ListedDeploymentsAsked, isUntagged = false) {
  return {
    deployments: {
      ...(name !== undefined && { flow_or_deployment_name: { like_: name } }),
      ...(health !== undefined && HEALTH[health]),
      ...((tags !== undefined || isUntagged) && {
        tags: { operator: 'and_' as const, ...(tags && { all_: tags }), ...(isUntagged && { is_null_: true }) },
      }),
    },
    ...(flowId !== undefined && { flows: { id: { any_: [flowId] } } }),
    ...(workPool !== undefined && { work_pools: { name: { any_: [workPool] } } }),
  }
}

/** Which part of a list: in what order, and which page. */
export interface DeploymentsPlace {
  sort: DeploymentSort
  page: number
  limit: number
  /** The folder whose own deployments are asked for; empty for those that are in none. All, where it is left out. */
  folder?: string
}

/** A page of deployments with what a list shows of them. */
export function listedDeploymentsQuery(asked: ListedDeploymentsAsked, { folder, ...place }: DeploymentsPlace) {
  const tags = folder ? [...(asked.tags ?? []), folder] : asked.tags
  const body = { ...whereOf({ ...asked, tags }, folder === ''), ...place }
  return queryOptions({
    queryKey: keyOf('deployments', 'listed', body),
    queryFn: ({ signal }) => answerOf(api.POST('/ui/deployments/page', { body, signal })),
    placeholderData: keepPreviousData,
  })
}

/** The folders right below one, or those at the top where it is empty; nothing is asked without one. */
export function deploymentFoldersQuery(asked: ListedDeploymentsAsked, folder: string | undefined) {
  const body = { ...whereOf(asked), ...(folder && { under: folder }) }
  return queryOptions({
    queryKey: keyOf('deployments', 'folders', body),
    queryFn: ({ signal }) => answerOf(api.POST('/ui/deployments/folders', { body, signal })),
    enabled: folder !== undefined,
    placeholderData: keepPreviousData,
  })
}

/** The last runs of each deployment, and its next one, in one request. */
export function deploymentActivityQuery(ids: readonly string[], runs = SHOWN_RUNS) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'of-deployments', ids, runs),
    queryFn: ({ signal }) => answerOf(api.POST('/ui/deployments/activity', { body: { ids: [...ids], runs }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

/** One deployment. */
export function deploymentQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('deployments', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/deployments/{id}', { params: { path: { id } }, signal })),
  })
}

const MOST_TOLD = 50

/** The versions of a deployment that were deployed, the last first, as events tell of them. */
export function versionsOfDeploymentQuery(id: string) {
  return latestEventsQuery(eventsOf(id, ['ostinato.deployment.version-deployed']), MOST_TOLD)
}

/** What was changed of a deployment, the last first, as events tell of it. */
export function changesOfDeploymentQuery(id: string) {
  const own = ['created', 'updated'].map((change) => `prefect.deployment.${change}`)
  const ours = ['paused', 'resumed', 'schedule-created', 'schedule-updated', 'schedule-deleted']
  return latestEventsQuery(eventsOf(id, [...own, ...ours.map((each) => `ostinato.deployment.${each}`)]), MOST_TOLD)
}

function eventsOf(id: string, name: string[]) {
  return { event: { name }, resource: { id: [`prefect.deployment.${id}`] } } as EventFilter
}

/** The names of deployments by their ids, in one request. */
export function deploymentNamesQuery(ids: readonly string[]) {
  const asked = [...new Set(ids)].sort()
  return queryOptions({
    queryKey: keyOf('deployments', 'names', asked),
    queryFn: async ({ signal }) => {
      const body = { deployments: { id: { any_: asked } }, limit: asked.length }
      const deployments = await answerOf(api.POST('/deployments/filter', { body, signal }))
      return new Map(deployments.map(({ id, name }) => [id, name]))
    },
    enabled: asked.length > 0,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  })
}

export interface RunAsked {
  parameters?: Record<string, unknown>
  job_variables?: Record<string, unknown>
  name?: string
  tags?: string[]
  /** When it is to start, in ISO 8601; at once where it is left out. */
  at?: string
  /** What its first state says. */
  message?: string
  work_queue_name?: string
}

/** Make a flow run of the deployment, now or at a time. Errors: ApiError. */
export function runDeployment(id: string, { at, message, ...rest }: RunAsked) {
  const state = {
    type: 'SCHEDULED' as const,
    name: 'Scheduled',
    ...(message !== undefined && { message }),
    ...(at !== undefined && { state_details: { scheduled_time: at } }),
  }
  const isPlain = at === undefined && message === undefined
  return answerOf(
    api.POST('/deployments/{id}/create_flow_run', {
      params: { path: { id } },
      body: { ...rest, ...(!isPlain && { state }) },
    }),
  )
}

/** Change what is given of a deployment: the rest stays as others may have made it meanwhile. Errors: ApiError. */
export function updateDeployment(id: string, changes: DeploymentChanges) {
  return answerOf(api.PATCH('/deployments/{id}', { params: { path: { id } }, body: changes }))
}

/** Make a deployment under a name that its flow does not have yet: else that one would be changed. Errors: ApiError. */
export async function createDeployment(draft: DeploymentDraft) {
  const body = { flows: { id: { any_: [draft.flow_id] } }, deployments: { name: { any_: [draft.name] } } }
  if ((await answerOf(api.POST('/deployments/count', { body }))) > 0)
    throw new ApiError(409, 'The flow has a deployment of that name.', new Map([['name', 'This name is taken.']]))
  return answerOf(api.POST('/deployments/', { body: draft }))
}

/** Stop or start again the deployment's schedules. */
export function pauseDeployment(id: string, isPaused: boolean) {
  const params = { params: { path: { id } } }
  return answerOf(
    isPaused
      ? api.POST('/deployments/{id}/pause_deployment', params)
      : api.POST('/deployments/{id}/resume_deployment', params),
  )
}

/** Delete the deployment; its runs stay. */
export function deleteDeployment(id: string) {
  return answerOf(api.DELETE('/deployments/{id}', { params: { path: { id } } }))
}

/** Pause the schedules of deployments, or let them make runs again; returns how many were changed. */
export function pauseDeployments(ids: readonly string[], isPaused: boolean) {
  return inPortions(ids, async (some) => {
    const body = { deployments: { id: { any_: some } }, paused: isPaused }
    return (await answerOf(api.POST('/deployments/bulk_set_paused', { body }))).changed
  })
}

/** Delete deployments; returns how many there were. */
export function deleteDeployments(ids: readonly string[]) {
  return inPortions(ids, async (some) => {
    const body = { deployments: { id: { any_: some } } }
    return (await answerOf(api.POST('/deployments/bulk_delete', { body }))).deleted
  })
}

/** How many runs of deployments have not begun, and how many there are in all. */
export function runsOfDeploymentsQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'count-of-deployments', ids),
    queryFn: async ({ signal }) => {
      const deployments = { id: { any_: [...ids] } }
      const flow_runs = { state: { type: { any_: ['SCHEDULED' as const] } }, start_time: { is_null_: true } }
      const [waiting, all] = await Promise.all([
        answerOf(api.POST('/flow_runs/count', { body: { deployments, flow_runs }, signal })),
        answerOf(api.POST('/flow_runs/count', { body: { deployments }, signal })),
      ])
      return { waiting, all }
    },
  })
}
