// The lines themselves: only those in sight are drawn; more are asked for near both ends.
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDownToLine, ArrowUpToLine } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef } from 'react'

import type { Log } from '@/api/types'
import { Button } from '@/design/button'

import { LogLine } from './log-line'
import styles from './logs.module.css'

const LINE_HEIGHT = 24
const NEAR_END = 60

interface LogLinesProps {
  lines: Log[]
  /** Names of task runs by their ids; null where all lines are of one. */
  names: Record<string, string> | null
  found: RegExp | null
  /** Whether the last line is to be seen at first. */
  beginsAtEnd: boolean
  isLive: boolean
  loadBefore?: () => void
  loadAfter?: () => void
  onTime: (timestamp: string) => void
  onTask: (id: string) => void
  onEdge: (edge: 'start' | 'end') => void
}

/** Lines in a box that is scrolled. */
export function LogLines(props: LogLinesProps) {
  const { lines, names, loadBefore, loadAfter, isLive, onEdge } = props
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    // Who begins at the end is not at the start for a moment, where earlier lines would be asked for.
    initialOffset: props.beginsAtEnd ? lines.length * LINE_HEIGHT : 0,
    overscan: 20,
    getItemKey: (index) => lines[index]?.id ?? index,
    // Lines may come before those in sight: these stay where they are.
    anchorTo: 'end',
    followOnAppend: isLive && loadAfter === undefined,
    scrollEndThreshold: LINE_HEIGHT,
  })
  useAtEndFirst(props.beginsAtEnd, virtual.scrollToEnd)
  const items = virtual.getVirtualItems()
  const [first, last] = [items[0]?.index, items.at(-1)?.index]
  useEffect(() => {
    // Before the box has a height nothing is in sight, neither end.
    if (first === undefined || last === undefined) return
    if (last >= lines.length - NEAR_END) loadAfter?.()
    if (first <= NEAR_END) loadBefore?.()
  }, [first, last, lines.length, loadAfter, loadBefore])
  const toEdge = (edge: 'start' | 'end') => {
    if (edge === 'start' ? loadBefore !== undefined : loadAfter !== undefined) onEdge(edge)
    else if (edge === 'start') virtual.scrollToOffset(0)
    else virtual.scrollToEnd()
  }
  const isAllInSight =
    loadBefore === undefined && loadAfter === undefined && virtual.getTotalSize() <= (virtual.scrollRect?.height ?? 0)
  return (
    <div className={styles.frame}>
      <div ref={box} className={styles.box} tabIndex={0} role="log" aria-label="Log lines" aria-live="off">
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map(({ key, index }) => {
              const line = lines[index]
              if (line === undefined) return null
              const task = names !== null && line.task_run_id !== null ? (names[line.task_run_id] ?? 'a task') : null
              return (
                <LogLine
                  key={key}
                  line={line}
                  index={index}
                  task={task}
                  found={props.found}
                  measure={virtual.measureElement}
                  onTime={props.onTime}
                  onTask={props.onTask}
                />
              )
            })}
          </div>
        </div>
      </div>
      {!isAllInSight && <Edges isLive={isLive} onEdge={toEdge} />}
    </div>
  )
}

function Edges({ isLive, onEdge }: { isLive: boolean; onEdge: (edge: 'start' | 'end') => void }) {
  return (
    <div className={styles.edges}>
      <Button icon={<ArrowUpToLine size={15} aria-hidden />} onClick={() => onEdge('start')}>
        Start
      </Button>
      <Button icon={<ArrowDownToLine size={15} aria-hidden />} onClick={() => onEdge('end')}>
        {isLive ? 'Follow' : 'End'}
      </Button>
    </div>
  )
}

function useAtEndFirst(beginsAtEnd: boolean, scrollToEnd: () => void) {
  const isDone = useRef(!beginsAtEnd)
  useLayoutEffect(() => {
    if (isDone.current) return
    isDone.current = true
    scrollToEnd()
  }, [scrollToEnd])
}
