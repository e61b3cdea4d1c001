// What the address of the runs page can say, and the request that it means.
import type { AllTaskRunsAsked } from '@/api/task-runs'
import type { FlowRunFilter, FlowRunSort, StateType, TaskRunSort } from '@/api/types'
import { keptPageSize, saidPageSize } from '@/lib/page-size'
import { oneOf, positive, text, texts } from '@/lib/search'

export const RANGES = ['1h', '24h', '7d', '30d', 'all', 'upcoming'] as const
export type Range = (typeof RANGES)[number]
export const RANGE_LABELS: Record<Range, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All so far',
  upcoming: 'Upcoming',
}
const HOURS: Partial<Record<Range, number>> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 }

export const STATES = [
  'COMPLETED',
  'FAILED',
  'CRASHED',
  'RUNNING',
  'PENDING',
  'SCHEDULED',
  'Late',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
] as const
export type StateWord = (typeof STATES)[number]

export const SORTS = [
  'START_TIME_DESC',
  'START_TIME_ASC',
  'END_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
] as const satisfies readonly FlowRunSort[]
export const SORT_LABELS: Record<(typeof SORTS)[number], string> = {
  START_TIME_DESC: 'Newest first',
  START_TIME_ASC: 'Oldest first',
  END_TIME_DESC: 'Latest to end first',
  NAME_ASC: 'Name, A to Z',
  NAME_DESC: 'Name, Z to A',
}

export const TABS = ['flow-runs', 'task-runs'] as const

/** What stands in the address; what is missing has its default. */
export interface RunsSearch {
  tab?: (typeof TABS)[number]
  name?: string
  states?: StateWord[]
  range?: Range
  /** Instants as ISO texts: a time of one's own, in place of a range. */
  since?: string
  until?: string
  /** `hide`: without runs that another run has called. */
  subflows?: 'hide'
  flow?: string
  deployment?: string
  pool?: string
  tags?: string[]
  sort?: (typeof SORTS)[number]
  page?: number
  limit?: number
}

export const DEFAULT_RANGE: Range = '7d'
export const DEFAULT_LIMIT = 50

/** Read an address. */
export function readRunsSearch(raw: Record<string, unknown>): RunsSearch {
  const states = texts(raw, 'states')?.filter((each): each is StateWord => (STATES as readonly string[]).includes(each))
  return {
    tab: oneOf(raw, 'tab', TABS),
    name: text(raw, 'name'),
    states: states?.length ? states : undefined,
    range: oneOf(raw, 'range', RANGES),
    since: instant(raw, 'since'),
    until: instant(raw, 'until'),
    subflows: oneOf(raw, 'subflows', ['hide']),
    flow: text(raw, 'flow'),
    deployment: text(raw, 'deployment'),
    pool: text(raw, 'pool'),
    tags: texts(raw, 'tags'),
    sort: oneOf(raw, 'sort', SORTS),
    page: positive(raw, 'page'),
    limit: saidPageSize(raw),
  }
}

/** Members of the address that do not decide which runs match. */
const PLACES = new Set<keyof RunsSearch>(['tab', 'sort', 'page', 'limit'])
/** An address without filters. */
const UNFILTERED: Partial<RunsSearch> = Object.fromEntries(
  ['name', 'states', 'range', 'since', 'until', 'subflows', 'flow', 'deployment', 'pool', 'tags', 'page'].map(
    (name) => [name, undefined],
  ),
)

/** What of an address decides which runs match. */
export function filtersOf(search: RunsSearch): Partial<RunsSearch> {
  const given = Object.entries(search).filter(
    ([name, value]) =>
      value !== undefined && !PLACES.has(name as keyof RunsSearch) && !(name === 'range' && value === DEFAULT_RANGE),
  )
  return Object.fromEntries(given)
}

/** A change of the address that takes all filters away. The range is said, so that no saved filter comes in its place. */
export function cleared(): Partial<RunsSearch> {
  return { ...UNFILTERED, range: DEFAULT_RANGE }
}

/** The address with filters in place of those that it has. */
export function withFilters(search: RunsSearch, filters: Record<string, unknown>): RunsSearch {
  return { ...search, ...UNFILTERED, ...filtersOf(readRunsSearch(filters)) }
}

/** The request that an address means at a time (milliseconds); the same within a minute, so that answers can be kept. */
export function runsAsked(search: RunsSearch, now: number) {
  const range = search.range ?? DEFAULT_RANGE
  return {
    filter: {
      ...(search.subflows === 'hide' && { parent_task_run_id: { operator: 'and_', is_null_: true } }),
      ...(search.name !== undefined && { name: { like_: search.name } }),
      ...(search.states !== undefined && { state: stateFilter(search.states) }),
      ...(search.deployment !== undefined && { deployment_id: { any_: [search.deployment] } }),
      ...(search.tags !== undefined && { tags: { all_: search.tags } }),
      ...timesAsked(search, now),
    } satisfies FlowRunFilter,
    ...(search.flow !== undefined && { flowId: search.flow }),
    ...(search.pool !== undefined && { workPool: search.pool }),
    sort: search.sort ?? (range === 'upcoming' ? ('START_TIME_ASC' as const) : ('START_TIME_DESC' as const)),
    page: search.page ?? 1,
    limit: search.limit ?? keptPageSize() ?? DEFAULT_LIMIT,
  }
}

const TASK_SORTS: Record<(typeof SORTS)[number], TaskRunSort> = {
  START_TIME_DESC: 'EXPECTED_START_TIME_DESC',
  START_TIME_ASC: 'EXPECTED_START_TIME_ASC',
  END_TIME_DESC: 'END_TIME_DESC',
  NAME_ASC: 'NAME_ASC',
  NAME_DESC: 'NAME_DESC',
}

/** The request for task runs that an address means at a time (milliseconds). */
export function taskRunsAsked(search: RunsSearch, now: number): AllTaskRunsAsked {
  const { name, states, tags, flow, deployment, subflows } = search
  return {
    filter: {
      ...(subflows === 'hide' && { subflow_runs: { exists_: false } }),
      ...(name !== undefined && { name: { like_: name } }),
      ...(states !== undefined && { state: stateFilter(states) }),
      ...(tags !== undefined && { tags: { operator: 'and_', all_: tags } }),
      ...timesAsked(search, now),
    },
    ...(flow !== undefined && { flowId: flow }),
    ...(deployment !== undefined && { deploymentId: deployment }),
    sort: TASK_SORTS[search.sort ?? 'START_TIME_DESC'],
    page: search.page ?? 1,
    limit: search.limit ?? keptPageSize() ?? DEFAULT_LIMIT,
  }
}

/** The times that an address asks for. */
export function timesAsked(search: RunsSearch, now: number): ReturnType<typeof timeFilter> {
  const { since, until } = search
  if (since === undefined && until === undefined) return timeFilter(search.range ?? DEFAULT_RANGE, now)
  return {
    expected_start_time: {
      ...(since !== undefined && { after_: since }),
      ...(until !== undefined && { before_: until }),
    },
  }
}

/** The filter of some words for states. */
export function stateFilter(states: readonly StateWord[]): NonNullable<FlowRunFilter['state']> {
  const types = states.filter((each): each is StateType => each !== 'Late')
  const isLateAsked = types.length < states.length
  return {
    operator: 'or_',
    ...(types.length > 0 && { type: { any_: types } }),
    ...(isLateAsked && { name: { any_: ['Late'] } }),
  }
}

const MINUTE = 60_000

/** The times that a range means: up to now, unless it is about what is to come. */
export function timeFilter(range: Range, now: number): Pick<FlowRunFilter, 'expected_start_time' | 'state'> {
  const end = iso(Math.ceil(now / MINUTE) * MINUTE)
  if (range === 'upcoming') return { expected_start_time: { after_: iso(Math.floor(now / MINUTE) * MINUTE) } }
  const hours = HOURS[range]
  if (hours === undefined) return { expected_start_time: { before_: end } }
  return { expected_start_time: { after_: iso(Math.ceil(now / MINUTE) * MINUTE - hours * 60 * MINUTE), before_: end } }
}

function instant(raw: Record<string, unknown>, name: string): string | undefined {
  const value = text(raw, name)
  const time = value === undefined ? NaN : Date.parse(value)
  return Number.isNaN(time) ? undefined : iso(time)
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
