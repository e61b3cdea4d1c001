// Automations: lists, one, what they did, and what a draft of one would have done.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { AutomationDraft } from './types'

const MOST = 200

export interface AutomationsAsked {
  name?: string
  tags?: string[]
  page: number
  limit: number
}

/** A page of automations by name, with how many there are. */
export function automationsQuery({ name, tags, page, limit }: AutomationsAsked) {
  const automations = {
    ...(name !== undefined && { name: { like_: name } }),
    ...(tags !== undefined && { tags: { all_: tags } }),
  }
  return queryOptions({
    queryKey: keyOf('automations', 'page', automations, page, limit),
    queryFn: async ({ signal }) => {
      const body = { automations, sort: 'NAME_ASC' as const, limit, offset: (page - 1) * limit }
      const [results, count] = await Promise.all([
        answerOf(api.POST('/automations/filter', { body, signal })),
        answerOf(api.POST('/automations/count', { body: { automations }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** All automations, up to the server's limit: to choose one. */
export function allAutomationsQuery() {
  return queryOptions({
    queryKey: keyOf('automations', 'all'),
    queryFn: ({ signal }) =>
      answerOf(api.POST('/automations/filter', { body: { sort: 'NAME_ASC', limit: MOST }, signal })),
  })
}

/** The automations that belong to an object, or whose triggers or actions name it; up to the server's limit. */
export function automationsAboutQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('automations', 'about', id),
    queryFn: ({ signal }) => {
      const body = { automations: { about: { any_: [id] } }, sort: 'NAME_ASC' as const, limit: MOST }
      return answerOf(api.POST('/automations/filter', { body, signal }))
    },
  })
}

/** One automation. */
export function automationQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('automations', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/automations/{id}', { params: { path: { id } }, signal })),
  })
}

/** What became of the actions of an automation, the newest first. */
export function deliveriesQuery(automationId: string, limit: number) {
  return queryOptions({
    queryKey: keyOf('automations', 'deliveries', automationId, limit),
    queryFn: ({ signal }) => {
      const body = { deliveries: { automation_id: { any_: [automationId] } }, limit }
      return answerOf(api.POST('/automations/deliveries/filter', { body, signal }))
    },
    placeholderData: keepPreviousData,
  })
}

/** Try a delivery again that failed. */
export function sendAgain(id: string) {
  return answerOf(api.POST('/automations/deliveries/{id}/send_again', { params: { path: { id } } }))
}

/** What a draft would have done since a time. Errors: ApiError, which names the member that is wrong. */
export function backtest(automation: AutomationDraft, since: string) {
  return answerOf(api.POST('/automations/backtest', { body: { automation, since } }))
}

/** What the actions of a draft would do if it fired by an event, or ended. Errors: ApiError, which names what is wrong. */
export function previewAutomation(automation: AutomationDraft, eventId: string, state: 'Triggered' | 'Resolved') {
  return answerOf(api.POST('/automations/preview', { body: { automation, event_id: eventId, state } }))
}

/** Make an automation, or replace one; returns its id. Errors: ApiError, which names the member that is wrong. */
export async function saveAutomation(id: string | null, draft: AutomationDraft): Promise<string> {
  if (id === null) return (await answerOf(api.POST('/automations/', { body: draft }))).id
  await answerOf(api.PUT('/automations/{id}', { params: { path: { id } }, body: draft }))
  return id
}

/** Enable an automation or disable it. */
export function enableAutomation(id: string, enabled: boolean) {
  return answerOf(api.PATCH('/automations/{id}', { params: { path: { id } }, body: { enabled } }))
}

/** Delete an automation. */
export function deleteAutomation(id: string) {
  return answerOf(api.DELETE('/automations/{id}', { params: { path: { id } } }))
}

/** Send a notification through a block, as an action would. Errors: ApiError; what the receiver says is in the answer. */
export function testNotification(blockId: string, subject: string, body: string) {
  const action = { type: 'send-notification' as const, block_document_id: blockId, subject, body }
  return answerOf(api.POST('/automations/actions/test', { body: { action } }))
}
