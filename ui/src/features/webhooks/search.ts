// What the addresses of webhooks can say.
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { oneOf } from '@/lib/search'

export interface WebhooksSearch extends Omit<ListSearch, 'tags'> {
  enabled?: 'yes' | 'no'
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readWebhooksSearch(raw: Record<string, unknown>, sizes: readonly number[]): WebhooksSearch {
  const { name, page, limit } = readListSearch(raw, sizes)
  return { name, enabled: oneOf(raw, 'enabled', ['yes', 'no'] as const), page, limit }
}
