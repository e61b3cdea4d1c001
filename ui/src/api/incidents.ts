// Incidents: that something is wrong, from when to when, and what people say of it.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { IncidentDraft, IncidentStatus, Severity } from './types'

/** Open incidents that are told of around every page, at most. */
const MOST_TOLD = 20

export interface IncidentsAsked {
  name?: string
  status?: IncidentStatus
  severity?: Severity
  tags?: string[]
  page: number
  limit: number
}

/** A page of incidents, those that began last first, with how many there are. */
export function incidentsQuery({ name, status, severity, tags, page, limit }: IncidentsAsked) {
  const incidents = {
    ...(name !== undefined && { name: { like_: name } }),
    ...(status !== undefined && { status: { any_: [status] } }),
    ...(severity !== undefined && { severity: { any_: [severity] } }),
    ...(tags !== undefined && { tags: { all_: tags } }),
  }
  return queryOptions({
    queryKey: keyOf('incidents', 'page', incidents, page, limit),
    queryFn: async ({ signal }) => {
      const body = { incidents, sort: 'STATUS_ASC' as const, limit, offset: (page - 1) * limit }
      const [results, count] = await Promise.all([
        answerOf(api.POST('/incidents/filter', { body, signal })),
        answerOf(api.POST('/incidents/count', { body: { incidents }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** The incidents that go on, the newest first, up to a few. */
export function openIncidentsQuery() {
  const body = { incidents: { status: { any_: ['open' as const] } }, limit: MOST_TOLD }
  return queryOptions({
    queryKey: keyOf('incidents', 'open'),
    queryFn: ({ signal }) => answerOf(api.POST('/incidents/filter', { body, signal })),
    staleTime: Infinity,
  })
}

/** One incident. */
export function incidentQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('incidents', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/incidents/{id}', { params: { path: { id } }, signal })),
  })
}

/** What was said of an incident, the oldest first. */
export function commentsQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('incidents', 'comments', id),
    queryFn: ({ signal }) => answerOf(api.GET('/incidents/{id}/comments', { params: { path: { id } }, signal })),
  })
}

/** Declare an incident, or change one; returns its id. Errors: ApiError. */
export async function saveIncident(id: string | null, draft: IncidentDraft): Promise<string> {
  if (id === null) return (await answerOf(api.POST('/incidents/', { body: draft }))).id
  await answerOf(api.PATCH('/incidents/{id}', { params: { path: { id } }, body: draft }))
  return id
}

/** Let an incident end now, or go on again. */
export function resolveIncident(id: string, isOver: boolean) {
  const params = { params: { path: { id } } }
  return answerOf(
    isOver
      ? api.POST('/incidents/{id}/resolve', { ...params, body: {} })
      : api.POST('/incidents/{id}/reopen', { ...params }),
  )
}

/** Say something of an incident. */
export function addComment(id: string, text: string) {
  return answerOf(api.POST('/incidents/{id}/comments', { params: { path: { id } }, body: { text } }))
}
