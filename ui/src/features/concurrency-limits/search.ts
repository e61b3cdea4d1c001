// What the address of the page of concurrency limits can say.
import { oneOf, text } from '@/lib/search'

export const LIMIT_TABS = ['global', 'tags'] as const

export interface LimitsSearch {
  tab?: (typeof LIMIT_TABS)[number]
  name?: string
}

/** Read an address. */
export function readLimitsSearch(raw: Record<string, unknown>): LimitsSearch {
  return { tab: oneOf(raw, 'tab', LIMIT_TABS), name: text(raw, 'name') }
}
