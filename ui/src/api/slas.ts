// Service level agreements: by when runs must have begun or ended, or how often one must complete.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { latestEventsQuery } from './events'
import { keyOf } from './keys'
import type { EventFilter, Severity, SlaDraft, SlaKind } from './types'

const VIOLATION = 'prefect.sla.violation'
/** Whose runs an agreement is about: what their resources begin with. */
export const OF_DEPLOYMENT = 'prefect.deployment.'
export const OF_TAG = 'prefect.tag.'

export interface SlasAsked {
  name?: string
  kind?: SlaKind
  severity?: Severity
  violated?: boolean
  /** A resource, as `prefect.deployment.<id>`. */
  owner?: string
  page: number
  limit: number
}

/** A page of agreements, those violated last first, with how many there are. */
export function slasQuery({ name, kind, severity, violated, owner, page, limit }: SlasAsked) {
  const where = {
    ...(owner !== undefined && { owner_resource: owner }),
    slas: {
      ...(name !== undefined && { name: { like_: name } }),
      ...(kind !== undefined && { kind: { any_: [kind] } }),
      ...(severity !== undefined && { severity: { any_: [severity] } }),
      ...(violated !== undefined && { last_violated: { is_null_: !violated } }),
    },
  }
  return queryOptions({
    queryKey: keyOf('slas', 'page', where, page, limit),
    queryFn: async ({ signal }) => {
      const body = { ...where, sort: 'LAST_VIOLATED_DESC' as const, limit, offset: (page - 1) * limit }
      const [results, count] = await Promise.all([
        answerOf(api.POST('/slas/filter', { body, signal })),
        answerOf(api.POST('/slas/count', { body: where, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** One agreement. */
export function slaQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('slas', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/slas/{id}', { params: { path: { id } }, signal })),
  })
}

/** The latest violations of an agreement, those by a flow run, or those of a deployment and its runs, as events. */
export function violationsQuery(of: { sla: string } | { flowRun: string } | { deployment: string }, limit: number) {
  const who =
    'sla' in of
      ? { related: { id: [`prefect.sla.${of.sla}`] } }
      : 'flowRun' in of
        ? { resource: { id: [`prefect.flow-run.${of.flowRun}`] } }
        : { any_resource: { id: [OF_DEPLOYMENT + of.deployment] } }
  const filter = { event: { name: [VIOLATION] }, ...who } as EventFilter
  return queryOptions({ ...latestEventsQuery(filter, limit), queryKey: keyOf('slas', 'violations', of, limit) })
}

/** Give a deployment or a tag this agreement, or change that of its name. Errors: ApiError. */
export function saveSla(draft: SlaDraft) {
  return answerOf(api.POST('/slas/', { body: draft }))
}

/** Let an agreement be watched, or not. */
export function enableSla(id: string, enabled: boolean) {
  return answerOf(api.PATCH('/slas/{id}', { params: { path: { id } }, body: { enabled } }))
}

/** Delete an agreement. */
export function deleteSla(id: string) {
  return answerOf(api.DELETE('/slas/{id}', { params: { path: { id } } }))
}
