// What the addresses of work pools, queues and workers can say.
import { PAGE_SIZES } from '@/design/pager'
import { readListSearch } from '@/lib/list-search'
import { oneOf, text } from '@/lib/search'

type Raw = Record<string, unknown>

export const POOL_TABS = ['runs', 'upcoming', 'queues', 'workers', 'deployments', 'details', 'template'] as const
export const QUEUE_TABS = ['upcoming', 'runs', 'details'] as const
export const STEPS = ['type', 'details', 'template'] as const
export type Step = (typeof STEPS)[number]

export interface TabSearch<T extends string> {
  tab?: T
  page?: number
  limit?: number
}
export type WorkPoolSearch = TabSearch<(typeof POOL_TABS)[number]>
export type WorkQueueSearch = TabSearch<(typeof QUEUE_TABS)[number]>

export interface NewPoolSearch {
  type?: string
  step?: Step
}

/** Read the address of a pool that is being made. */
export function readNewPoolSearch(raw: Raw): NewPoolSearch {
  return { type: text(raw, 'type'), step: oneOf(raw, 'step', STEPS) }
}

/** Read the address of a pool. */
export function readWorkPoolSearch(raw: Raw): WorkPoolSearch {
  return { tab: oneOf(raw, 'tab', POOL_TABS), ...readPage(raw) }
}

/** Read the address of a queue. */
export function readWorkQueueSearch(raw: Raw): WorkQueueSearch {
  return { tab: oneOf(raw, 'tab', QUEUE_TABS), ...readPage(raw) }
}

function readPage(raw: Raw) {
  const { page, limit } = readListSearch(raw, PAGE_SIZES)
  return { page, limit }
}
