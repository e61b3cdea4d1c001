// One line of a log: when, how grave, of which task, what.
import { memo } from 'react'

import type { Log } from '@/api/types'
import { useZone } from '@/design/time'
import { type LogPiece, readLogText } from '@/lib/log-text'
import { formatInstant } from '@/lib/time'

import styles from './logs.module.css'

const LEVEL_NAMES: [number, string][] = [
  [50, 'Critical'],
  [40, 'Error'],
  [30, 'Warning'],
  [20, 'Info'],
  [0, 'Debug'],
]

interface LogLineProps {
  line: Log
  index: number
  /** The name of its task run, where it is of one and not of the only one that is shown. */
  task: string | null
  found: RegExp | null
  measure: (element: HTMLElement | null) => void
  onTime: (timestamp: string) => void
  onTask: (id: string) => void
}

/** The line. */
export const LogLine = memo(function LogLine({ line, index, task, found, measure, onTime, onTask }: LogLineProps) {
  const [zone] = useZone()
  const level = LEVEL_NAMES.find(([least]) => line.level >= least)?.[1] ?? 'Debug'
  const id = line.task_run_id
  return (
    <div ref={measure} data-index={index} className={styles.line} data-level={level}>
      <button
        type="button"
        className={styles.time}
        title={`${formatInstant(line.timestamp, zone)}: read from here, with all lines`}
        onClick={() => onTime(line.timestamp)}
      >
        <time dateTime={line.timestamp}>{formatInstant(line.timestamp, zone, 'time')}</time>
      </button>
      <span className={styles.level}>{level}</span>
      <span className={styles.message}>
        {task !== null && id !== null && (
          <button type="button" className={styles.task} title={`Only lines of ${task}`} onClick={() => onTask(id)}>
            {task}
          </button>
        )}
        {readLogText(line.message, found).map((piece, at) => (
          <Text key={at} piece={piece} />
        ))}
      </span>
    </div>
  )
})

function Text({ piece: { text, color, isBold, href, isFound } }: { piece: LogPiece }) {
  const content = isFound ? <mark>{text}</mark> : text
  if (href !== undefined)
    return (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {content}
      </a>
    )
  return (
    <span data-color={color} data-bold={isBold}>
      {content}
    </span>
  )
}
