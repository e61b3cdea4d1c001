// What the address says about a task run.
import { type LogsSearch, readLogsSearch } from '@/features/logs/public'
import { oneOf } from '@/lib/search'

const TABS = ['logs', 'artifacts', 'inputs', 'details', 'states'] as const
export type TaskRunTab = (typeof TABS)[number]

export interface TaskRunSearch extends LogsSearch {
  tab?: TaskRunTab
}

/** Read an address. */
export function readTaskRunSearch(raw: Record<string, unknown>): TaskRunSearch {
  return { tab: oneOf(raw, 'tab', TABS), ...readLogsSearch(raw) }
}
