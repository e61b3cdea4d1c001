// Lines that runs have logged: pages of stored ones from any place in both directions, and a socket of new ones.
import { infiniteQueryOptions } from '@tanstack/react-query'

import { apiAddress } from './address'
import { answerOf, api } from './client'
import { openSocket, type SocketStatus } from './socket'
import type { Log, LogPlace } from './types'

export const LOG_PAGE = 500
/** Pages that are kept; those further away are asked for again. */
const MOST_PAGES = 20
const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export interface LogsAsked {
  flowRunId?: string
  taskRunId?: string
  /** Only what the flow itself logged. */
  isOfFlow?: boolean
  level: number
  search?: string
  /** Whether what is searched for is a regular expression. */
  isPattern?: boolean
}

/** Where reading begins: at the first line, the last, or at a time. */
export type LogsStart = 'start' | 'end' | { at: string }

/** Lines in the order of their times. `before` and `after`: where to go on, null where nothing is there. */
export interface LogsPage {
  lines: Log[]
  names: Record<string, string>
  before: LogPlace | null
  after: LogPlace | null
}

interface Step {
  isBackwards: boolean
  after: LogPlace | null
}

/** Lines from a place on, in both directions, page by page. */
export function logsQuery(asked: LogsAsked, start: LogsStart) {
  return infiniteQueryOptions({
    queryKey: ['logs', asked, start],
    queryFn: ({ signal, pageParam }) => readLogs(asked, pageParam, signal),
    initialPageParam: firstStep(start),
    getNextPageParam: ({ after }): Step | undefined => (after === null ? undefined : { isBackwards: false, after }),
    getPreviousPageParam: ({ before }): Step | undefined =>
      before === null ? undefined : { isBackwards: true, after: before },
    maxPages: MOST_PAGES,
    staleTime: Infinity,
    gcTime: 0,
  })
}

function firstStep(start: LogsStart): Step {
  if (start === 'start' || start === 'end') return { isBackwards: start === 'end', after: null }
  return { isBackwards: false, after: { timestamp: start.at, id: FIRST_ID } }
}

/** A page in one direction from a place, which is not part of it. */
export async function readLogs(asked: LogsAsked, { isBackwards, after }: Step, signal: AbortSignal): Promise<LogsPage> {
  const sort = isBackwards ? ('TIMESTAMP_DESC' as const) : ('TIMESTAMP_ASC' as const)
  const body = { ...criteriaOf(asked), sort, after, limit: LOG_PAGE }
  const answer = await answerOf(api.POST('/ui/logs/page', { body, signal }))
  const lines = isBackwards ? answer.lines.reverse() : answer.lines
  const names = answer.task_run_names as Record<string, string> // by the ids of task runs
  const next = answer.next
  // Another place in the way back than the one that was given: that one is not part of this page.
  const [first, last] = [placeOf(lines[0]), placeOf(lines.at(-1))]
  const isWhole = after === null
  if (isBackwards) return { lines, names, before: next, after: isWhole ? null : (last ?? { ...after, id: FIRST_ID }) }
  return { lines, names, before: isWhole ? null : (first ?? { ...after, id: LAST_ID }), after: next }
}

/** Where a line stands. */
export function placeOf(line: Log | undefined): LogPlace | null {
  return line === undefined ? null : { timestamp: line.timestamp, id: line.id }
}

function criteriaOf({ flowRunId, taskRunId, isOfFlow = false, level, search, isPattern = false }: LogsAsked) {
  return {
    ...(flowRunId !== undefined && { flow_run_id: flowRunId }),
    ...(taskRunId !== undefined && { task_run_id: taskRunId }),
    ...(isOfFlow && { without_task: true }),
    ...(level > 0 && { level }),
    ...(search !== undefined && (isPattern ? { pattern: search } : { text: { query: search } })),
  }
}

/** Call `onLine` for each new line, whatever its text; returns how to stop. Lines told while it is away are not repeated. */
export function followLogs(
  { flowRunId, taskRunId, isOfFlow = false, level }: LogsAsked,
  onLine: (line: Log) => void,
  onStatus: (status: SocketStatus) => void,
): () => void {
  const filter = {
    ...(flowRunId !== undefined && { flow_run_id: { any_: [flowRunId] } }),
    ...(taskRunId !== undefined && { task_run_id: { any_: [taskRunId] } }),
    ...(isOfFlow && { task_run_id: { is_null_: true } }),
    ...(level > 0 && { level: { ge_: level } }),
  }
  return openSocket({
    path: '/logs/out',
    greet: () => ({ type: 'filter', filter }),
    onFrame: (frame) => {
      const { type, log } = frame as { type?: string; log?: Log }
      if (type === 'log' && log !== undefined) onLine(log)
    },
    onStatus,
  })
}

/** All lines of a flow run as a file, for who is logged in: a link cannot carry the password. Errors: ApiError. */
export async function downloadLogs(flowRunId: string): Promise<{ name: string; content: Blob }> {
  const asked = api.GET('/flow_runs/{id}/logs/download', {
    params: { path: { id: flowRunId } },
    // The browser writes what is long to its disk, and a long answer may take its time.
    parseAs: 'blob',
    fetch: (request) => fetch(request),
  })
  const { response } = await asked
  const content: Blob = await answerOf<Blob>(asked) // by `parseAs`
  return { name: nameOf(response.headers.get('Content-Disposition')), content }
}

/** The name that an answer gives its file. */
function nameOf(disposition: string | null): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1]
  return encoded === undefined ? 'flow-run-logs.csv' : decodeURIComponent(encoded)
}

/** Where the browser downloads all lines of a flow run from. */
export function logsAddress(flowRunId: string): string {
  return `${apiAddress()}/flow_runs/${flowRunId}/logs/download`
}
