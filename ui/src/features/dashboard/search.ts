// What the address says about the dashboard.
import type { FlowRunFilter } from '@/api/types'
import type { Range } from '@/features/flow-runs/public'
import { oneOf, texts } from '@/lib/search'

export const DASHBOARD_RANGES = ['1h', '24h', '7d', '30d'] as const satisfies readonly Range[]
export type DashboardRange = (typeof DASHBOARD_RANGES)[number]
export const DEFAULT_RANGE: DashboardRange = '24h'

export interface DashboardSearch {
  range?: DashboardRange
  /** Of runs that have all of these. */
  tags?: string[]
  subflows?: 'hide'
  /** Whose activity is shown; that of flow runs unless said otherwise. */
  activity?: 'task-runs'
}

/** Read an address. */
export function readDashboardSearch(raw: Record<string, unknown>): DashboardSearch {
  return {
    range: oneOf(raw, 'range', DASHBOARD_RANGES),
    tags: texts(raw, 'tags'),
    subflows: oneOf(raw, 'subflows', ['hide'] as const),
    activity: oneOf(raw, 'activity', ['task-runs'] as const),
  }
}

/** Which runs an address means, of whatever state and time. */
export function filterOf({ tags, subflows }: DashboardSearch): FlowRunFilter {
  return {
    ...(tags !== undefined && { tags: { all_: tags } }),
    ...(subflows === 'hide' && { parent_task_run_id: { is_null_: true } }),
  }
}

const HOURS: Record<DashboardRange, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 }
const BARS: Record<DashboardRange, number> = { '1h': 30, '24h': 48, '7d': 42, '30d': 30 }

/** The time that a range covers, up to the next full step: start, end and seconds a bar. */
export function windowOf(range: DashboardRange, now: number) {
  const every = (HOURS[range] * 3600) / BARS[range]
  const end = Math.ceil(now / (every * 1000)) * every * 1000
  const start = end - HOURS[range] * 3600 * 1000
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString(), every }
}
