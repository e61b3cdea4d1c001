// What has come of the requests to a webhook: the events that they became, and those that were refused, with the reason.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { latestEventsQuery } from '@/api/events'
import type { Event, EventFilter, Webhook } from '@/api/types'
import { CodeBlock } from '@/design/code-block'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { Time } from '@/design/time'
import { EventList } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import styles from './webhooks.module.css'

const MOST = 50
const KIND = 'prefect-cloud.webhook'
const FAILED = `${KIND}.failed`

/** The panels. */
export function Received({ webhook }: { webhook: Webhook }) {
  const resource = `${KIND}.${webhook.id}`
  const received = useQuery(latestEventsQuery(of(webhook, { related: { id: [resource] } }), MOST))
  const refused = useQuery(
    latestEventsQuery(of(webhook, { resource: { id: [resource] }, event: { name: [FAILED] } }), MOST),
  )
  return (
    <>
      <Panel
        title="Received"
        isFlush
        actions={
          <Link to="/events" search={{ resource, range: '30d' }}>
            All its events
          </Link>
        }
      >
        <QueryView query={received} errorTitle="What it has received could not be loaded">
          {({ events }) =>
            events.length === 0 ? (
              <EmptyState title="Nothing has come yet">Send something by the command above.</EmptyState>
            ) : (
              <EventList events={events} />
            )
          }
        </QueryView>
      </Panel>
      <QueryView query={refused} errorTitle="What it has refused could not be loaded">
        {({ events }) => events.length > 0 && <Refused events={events} />}
      </QueryView>
    </>
  )
}

function of(webhook: Webhook, part: Partial<EventFilter>): EventFilter {
  // Named by the page, not by the clock, so that the same is asked by the same key.
  return { occurred: { since: webhook.created }, ...part }
}

function Refused({ events }: { events: readonly Event[] }) {
  return (
    <Panel title="Refused">
      <ul aria-label="Refused requests">
        {events.map(({ id, occurred, payload }) => {
          const { reason, rendered, method } = payload as { reason?: string; rendered?: string; method?: string }
          return (
            <li key={id} className={styles.refused}>
              <p>
                <Link to="/events/event/$id" params={{ id }}>
                  <Time value={occurred} />
                </Link>{' '}
                <span className={styles.quiet}>{method}</span>
              </p>
              <p>{reason}</p>
              {rendered && (
                <details>
                  <summary>What the template has rendered</summary>
                  <CodeBlock code={rendered} label="What the template has rendered" />
                </details>
              )}
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
