// Says where a run's process could not tell the server in time what happened: what is shown came later, or was lost.
import { useQuery } from '@tanstack/react-query'

import { latestEventsQuery } from '@/api/events'
import type { Event, EventFilter, FlowRun } from '@/api/types'
import { Time } from '@/design/time'

import styles from './reported-late.module.css'

/** What the event says (decision 0022). */
interface Late {
  cause?: string
  since?: string
  until?: string
  events?: number
  log_lines?: number
  lost_events?: number
  lost_log_lines?: number
}

/** The notice, if there is anything to say. */
export function ReportedLate({ run }: { run: FlowRun }) {
  const filter: EventFilter = {
    event: { name: ['ostinato.flow-run.reported-late'] },
    resource: { id: [`prefect.flow-run.${run.id}`] },
    ...(run.created !== null && { occurred: { since: run.created } }),
  }
  const events = useQuery({ ...latestEventsQuery(filter, 1), enabled: run.start_time !== null })
  const event = events.data?.events[0]
  return event === undefined ? null : <Notice event={event} />
}

function Notice({ event }: { event: Event }) {
  const { cause, since, until, events = 0, log_lines = 0, lost_events = 0, lost_log_lines = 0 } = event.payload as Late
  const lost = lost_events + lost_log_lines
  return (
    <p className={styles.notice} role="note" data-lost={lost > 0}>
      {cause === 'process-died'
        ? 'The process of this run ended before it could report all that happened'
        : 'The server was away while this ran'}
      {since !== undefined && (
        <>
          , from <Time value={since} />
        </>
      )}
      {until !== undefined && (
        <>
          {' to '}
          <Time value={until} />
        </>
      )}
      . {counted(events, 'event')} and {counted(log_lines, 'log line')} were kept and told later
      {lost > 0 && `; ${counted(lost_events, 'event')} and ${counted(lost_log_lines, 'log line')} were lost`}.
    </p>
  )
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
