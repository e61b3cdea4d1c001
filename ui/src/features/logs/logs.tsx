// What a run has logged: read from any place, searched on the server, new lines as they come.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'

import { messageOf } from '@/api/errors'
import { type LogsAsked, logsQuery, type LogsStart, placeOf } from '@/api/logs'
import type { Log } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { ErrorPanel } from '@/design/error-panel'
import { Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { marksOf } from '@/lib/log-text'

import { LogFilters, TaskFilter } from './log-filters'
import { LogLines } from './log-lines'
import styles from './logs.module.css'
import { LEVEL_NUMBERS, type LogsSearch } from './search'
import { useLiveLines } from './use-live-lines'

/** Lines that a search is to find before it waits for who reads them. */
const ENOUGH = 60

interface LogsProps {
  flowRunId?: string
  taskRunId?: string
  /** Whether lines may still come. */
  isRunning: boolean
  /** The id of the run's state: another one means that there was something to log. */
  stateId: string | null
  search: LogsSearch
  onSearch: (search: LogsSearch) => void
}

/** Filters, lines, and a way to follow them. */
export function Logs({ flowRunId, taskRunId, isRunning, stateId, search, onSearch }: LogsProps) {
  const { q, match, level, by } = search
  const asked = useMemo(
    () => ({
      flowRunId,
      taskRunId: taskRunId ?? (by === 'flow' ? undefined : by),
      isOfFlow: taskRunId === undefined && by === 'flow',
      level: LEVEL_NUMBERS[level ?? 'all'],
      search: q,
      isPattern: match === 'pattern',
    }),
    [flowRunId, taskRunId, by, level, q, match],
  )
  const found = useMemo(() => marksOf(q, match === 'pattern'), [q, match])
  // Lines of what has just ended may still be on their way, and what was retried may have ended again before anybody
  // saw it run; but where one reads does not change because of it.
  const [first] = useState({ isRunning, stateId })
  const start = startOf(search.at ?? (first.isRunning ? 'end' : 'start'))
  const read = useLines(asked, start, first.isRunning || isRunning || stateId !== first.stateId)
  const isOfOneTask = asked.taskRunId !== undefined
  const onTime = useCallback(
    (at: string) => onSearch({ at, q: undefined, match: undefined, level: undefined, by: undefined }),
    [onSearch],
  )
  const onTask = useCallback((id: string) => onSearch({ ...search, by: id }), [onSearch, search])
  return (
    <Panel
      title="Logs"
      actions={
        <LogFilters runId={taskRunId === undefined ? flowRunId : undefined} search={search} onSearch={onSearch} />
      }
      isFlush
    >
      {taskRunId === undefined && by !== undefined && (
        <TaskFilter by={by} name={read.names[by]} onClear={() => onSearch({ ...search, by: undefined })} />
      )}
      <Progress read={read} isFiltered={isFiltered(search)} isRunning={isRunning} />
      {read.lines.length > 0 && (
        <LogLines
          key={JSON.stringify([asked, start, read.round])}
          lines={read.lines}
          names={isOfOneTask ? null : read.names}
          found={found}
          beginsAtEnd={start === 'end'}
          isLive={isRunning}
          loadBefore={read.loadBefore}
          loadAfter={read.loadAfter}
          onTime={onTime}
          onTask={onTask}
          onEdge={(at) => onSearch({ ...search, at })}
        />
      )}
    </Panel>
  )
}

function startOf(at: string): LogsStart {
  return at === 'start' || at === 'end' ? at : { at }
}

function isFiltered({ level, q, by }: LogsSearch): boolean {
  return level !== undefined || q !== undefined || by !== undefined
}

type Reading = ReturnType<typeof useLines>

/** Stored lines around a place, and behind them those that come. */
function useLines(asked: LogsAsked, start: LogsStart, isLive: boolean) {
  const [round, setRound] = useState(0)
  const query = useInfiniteQuery(logsQuery(asked, start))
  const { data, hasNextPage, hasPreviousPage, isFetching, isSuccess, refetch } = query
  const stored = useMemo(() => data?.pages.flatMap(({ lines }) => lines) ?? [], [data])
  const isAtEnd = isSuccess && !hasNextPage
  const live = useLiveLines({
    asked,
    isLive: isLive && isAtEnd,
    end: isAtEnd ? placeOf(stored.at(-1)) : undefined,
    onTooMany: () => void refetch().then(() => setRound((before) => before + 1)),
  })
  const lines = useMemo(() => (isAtEnd ? merged(stored, live.lines) : stored), [isAtEnd, stored, live])
  const names = useMemo(
    () => Object.assign({}, ...(data?.pages.map((page) => page.names) ?? []), live.names) as Record<string, string>,
    [data, live],
  )
  const { fetchNextPage, fetchPreviousPage } = query
  const isReady = !isFetching && !query.isError
  const loadAfter = useMemo(
    () => (hasNextPage ? () => void (isReady && fetchNextPage()) : undefined),
    [hasNextPage, isReady, fetchNextPage],
  )
  const loadBefore = useMemo(
    () => (hasPreviousPage ? () => void (isReady && fetchPreviousPage()) : undefined),
    [hasPreviousPage, isReady, fetchPreviousPage],
  )
  // A search answers after a second, whatever it has found by then.
  const isShort = isSuccess && lines.length < ENOUGH
  useEffect(() => {
    if (isShort) (loadAfter ?? loadBefore)?.()
  }, [isShort, loadAfter, loadBefore])
  const isSearching = isShort && isFetching && (hasNextPage || hasPreviousPage)
  const reached = start === 'end' ? data?.pages[0]?.before : data?.pages.at(-1)?.after
  return { query, lines, names, loadAfter, loadBefore, isSearching, reached, round }
}

/** What stands there while there are no lines, or not all that were looked for. */
function Progress({ read, isFiltered, isRunning }: { read: Reading; isFiltered: boolean; isRunning: boolean }) {
  const { query, lines, isSearching, reached } = read
  if (query.isError)
    return (
      <ErrorPanel
        title="The logs could not be loaded"
        message={messageOf(query.error)}
        onRetry={() => void query.refetch()}
      />
    )
  if (query.isPending) return <Skeleton lines={6} />
  if (isSearching)
    return (
      <p className={styles.searching} role="status">
        Searching…
        {reached != null && (
          <>
            {' now at '}
            <Time value={reached.timestamp} />
          </>
        )}
      </p>
    )
  return lines.length === 0 ? <NoLines isFiltered={isFiltered} isRunning={isRunning} /> : null
}

function NoLines({ isFiltered, isRunning }: { isFiltered: boolean; isRunning: boolean }) {
  if (isFiltered) return <EmptyState title="No line matches">Choose a lower level or another word.</EmptyState>
  if (isRunning) return <EmptyState title="Nothing logged yet">Lines appear here as the run writes them.</EmptyState>
  return (
    <EmptyState
      title="Nothing was logged"
      snippet={
        'from ostinato import flow, get_run_logger\n\n@flow(log_prints=True)\ndef hello():\n    print("printed lines are logged")\n    get_run_logger().info("and so is this")'
      }
    >
      Flows log by their run logger, or by print where the flow says so.
    </EmptyState>
  )
}

function merged(stored: Log[], live: Log[]): Log[] {
  if (live.length === 0) return stored
  const known = new Set(stored.map((line) => line.id))
  return [...stored, ...live.filter((line) => !known.has(line.id))]
}
