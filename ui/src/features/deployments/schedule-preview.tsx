// The next instants of a schedule: on the clock of its zone, and on the viewer's.
import { useQuery } from '@tanstack/react-query'
import { Info } from 'lucide-react'

import { ApiError, messageOf } from '@/api/errors'
import { schedulePreviewQuery } from '@/api/schedules'
import type { ScheduleDraft, SchedulePreview as Preview } from '@/api/types'
import { Skeleton } from '@/design/skeleton'
import { useZone } from '@/design/time'
import { useNow } from '@/lib/clock'
import { formatDuration, formatRelative } from '@/lib/time'
import { VIEWER, wallClock } from '@/lib/zones'

import styles from './schedules.module.css'

const SHOWN = 6

/** What the server makes of a schedule; `problems` are by the members of the schedule. */
export function usePreview(schedule: ScheduleDraft | null) {
  const query = useQuery({ ...schedulePreviewQuery(schedule ?? { cron: '' }, SHOWN), enabled: schedule !== null })
  const problems = { zone: '', times: '', other: '' }
  if (query.error instanceof ApiError) {
    const place = [...query.error.places.keys()][0] ?? ''
    const words = (query.error.places.get(place) ?? query.error.message).replace(/^Value error, /, '')
    problems[place.endsWith('timezone') ? 'zone' : place.startsWith('schedule') ? 'times' : 'other'] = words
  } else if (query.isError) problems.other = messageOf(query.error)
  return { query, problems }
}

/** The table. */
export function SchedulePreview({ query, problems }: ReturnType<typeof usePreview>) {
  const [zone] = useZone()
  const now = useNow()
  const isWrong = Object.values(problems).some((words) => words !== '')
  if (isWrong)
    return <p className={styles.note}>{problems.other || 'The next times show here once the schedule can be read.'}</p>
  if (query.data === undefined) return <Skeleton lines={4} />
  const { instants, is_over: isOver, timezone } = query.data
  const own = zone === 'utc' ? 'UTC' : VIEWER
  const isOwn = own === timezone
  if (instants.length === 0) return <p className={styles.note}>It has no time to come: no run would be made.</p>
  return (
    <div className={styles.preview} role="region" aria-label="Next times" tabIndex={0}>
      <table data-stale={query.isPlaceholderData || undefined}>
        <thead>
          <tr>
            <th scope="col">In {timezone}</th>
            {!isOwn && <th scope="col">{zone === 'utc' ? 'In UTC' : `For you, in ${own}`}</th>}
            <th scope="col">That is</th>
          </tr>
        </thead>
        <tbody>
          {instants.map((instant) => (
            <tr key={instant.time}>
              <td>
                {clock(instant.shown)} {instant.zone}
                <ClockChange seconds={instant.clock_change} />
              </td>
              {!isOwn && <td>{clock(wallClock(Date.parse(instant.time), own))}</td>}
              <td>
                <time dateTime={instant.time}>{formatRelative(instant.time, now)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {isOver && <p className={styles.note}>After that it is over.</p>}
    </div>
  )
}

function ClockChange({ seconds }: { seconds: Preview['instants'][number]['clock_change'] }) {
  if (seconds === 0) return null
  return (
    <span className={styles.change}>
      <Info size={13} aria-hidden />
      {`clocks go ${seconds > 0 ? 'forward' : 'back'} ${formatDuration(seconds)} before it`}
    </span>
  )
}

const format = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** What a clock shows (`2026-11-22T14:03:00...`), with the day of the week; full minutes without seconds. */
function clock(shown: string): string {
  return format.format(Date.parse(`${shown.slice(0, 19)}Z`)).replace(/:00$/, '')
}
