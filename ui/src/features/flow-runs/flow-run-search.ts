// What the address of a flow run's page can say.
import { type LogsSearch, readLogsSearch } from '@/features/logs/public'
import { readTaskRunsSearch, type TaskRunsSearch } from '@/features/task-runs/public'
import { oneOf, texts } from '@/lib/search'

export const TABS = [
  'logs',
  'task-runs',
  'sub-flows',
  'artifacts',
  'parameters',
  'job-variables',
  'details',
  'states',
] as const
export type FlowRunTab = (typeof TABS)[number]

export interface FlowRunSearch extends LogsSearch, TaskRunsSearch {
  tab?: FlowRunTab
  /** How the run is drawn: by time, where nothing is said. */
  view?: 'graph'
  /** Sub-flows that are open in the graph. */
  open?: string[]
}

/** Read an address. */
export function readFlowRunSearch(raw: Record<string, unknown>): FlowRunSearch {
  return {
    tab: oneOf(raw, 'tab', TABS),
    view: oneOf(raw, 'view', ['graph']),
    open: texts(raw, 'open'),
    ...readLogsSearch(raw),
    ...readTaskRunsSearch(raw),
  }
}
