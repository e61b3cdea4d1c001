// What the address says about a list of task runs.
import { keptPageSize, saidPageSize } from '@/lib/page-size'
import { oneOf, positive, text } from '@/lib/search'

export const STATES = [
  'FAILED',
  'CRASHED',
  'RUNNING',
  'PENDING',
  'SCHEDULED',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
] as const
export const ORDERS = ['EXPECTED_START_TIME_DESC', 'EXPECTED_START_TIME_ASC', 'END_TIME_DESC', 'NAME_ASC'] as const

export interface TaskRunsSearch {
  /** A part of the name. */
  task?: string
  /** The type of the state. */
  state?: (typeof STATES)[number]
  order?: (typeof ORDERS)[number]
  page?: number
  limit?: number
}

/** Read an address. */
export function readTaskRunsSearch(raw: Record<string, unknown>): TaskRunsSearch {
  return {
    task: text(raw, 'task'),
    state: oneOf(raw, 'state', STATES),
    order: oneOf(raw, 'order', ORDERS),
    page: positive(raw, 'page'),
    limit: saidPageSize(raw) ?? keptPageSize(),
  }
}
