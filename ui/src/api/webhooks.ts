// Webhooks: addresses at which other systems tell what happened, and what a template makes of a request.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { apiAddress } from './address'
import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { Webhook, WebhookDraft, WebhookRotation, WebhookTrial } from './types'

export interface WebhooksAsked {
  name?: string
  enabled?: boolean
  page: number
  limit: number
}

/** A page of webhooks by name, with how many there are. */
export function webhooksQuery({ name, enabled, page, limit }: WebhooksAsked) {
  const webhooks = {
    ...(name !== undefined && { name: { like_: name } }),
    ...(enabled !== undefined && { enabled: { eq_: enabled } }),
  }
  return queryOptions({
    queryKey: keyOf('webhooks', 'page', webhooks, page, limit),
    queryFn: async ({ signal }) => {
      const body = { webhooks, sort: 'NAME_ASC' as const, limit, offset: (page - 1) * limit }
      const [results, count] = await Promise.all([
        answerOf(api.POST('/webhooks/filter', { body, signal })),
        answerOf(api.POST('/webhooks/count', { body: { webhooks }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** One webhook, without its secret. */
export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('webhooks', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/webhooks/{id}', { params: { path: { id } }, signal })),
  })
}

/** What a template makes of a request; nothing is recorded. */
export function trialQuery(trial: WebhookTrial) {
  return queryOptions({
    queryKey: keyOf('webhooks', 'trial', trial),
    queryFn: ({ signal }) => answerOf(api.POST('/webhooks/render', { body: trial, signal })),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
}

/** Make a webhook, or change one. Its secret is in the answer where it is a new one. Errors: ApiError. */
export function saveWebhook(id: string | null, draft: WebhookDraft): Promise<Webhook> {
  if (id === null) return answerOf(api.POST('/webhooks/', { body: draft }))
  return answerOf(api.PATCH('/webhooks/{id}', { params: { path: { id } }, body: draft }))
}

/** Let a webhook listen, or not. */
export function enableWebhook(id: string, enabled: boolean) {
  return answerOf(api.PATCH('/webhooks/{id}', { params: { path: { id } }, body: { enabled } }))
}

/** Give a webhook another address or secret; the answer alone tells that secret. */
export function rotateWebhook(id: string, rotation: WebhookRotation): Promise<Webhook> {
  return answerOf(api.POST('/webhooks/{id}/rotate', { params: { path: { id } }, body: rotation }))
}

/** Delete a webhook. */
export function deleteWebhook(id: string) {
  return answerOf(api.DELETE('/webhooks/{id}', { params: { path: { id } } }))
}

/** Where a webhook listens. */
export function hookAddress({ slug }: Pick<Webhook, 'slug'>): string {
  return `${apiAddress()}/hooks/${slug}`
}
