// What this browser remembers for the runs page: the saved filter to begin with.
import { readStored } from '@/lib/storage'

import { readRunsSearch, type RunsSearch } from './search'

/** Under which name a `DefaultFilter` is stored. */
export const DEFAULT_FILTER = 'runs.default-filter'

/** The saved filter with which the page begins. */
export interface DefaultFilter {
  id: string
  search: Record<string, unknown>
}

/** The address that is meant by one that says nothing but the tab; null where it is meant as it is. */
export function meantBy(search: RunsSearch): RunsSearch | null {
  const isBare = Object.entries(search).every(([name, value]) => value === undefined || name === 'tab')
  const standing = isBare ? readStored<DefaultFilter | null>(DEFAULT_FILTER, null) : null
  return standing && { ...readRunsSearch(standing.search), tab: search.tab }
}
