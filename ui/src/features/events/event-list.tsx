// Events as rows: when, what, about which resource, and which others had a part in it.
import { Link } from '@tanstack/react-router'

import type { Event } from '@/api/types'
import { StateGlyph } from '@/design/states'
import { Time, useZone } from '@/design/time'
import { formatInstant } from '@/lib/time'

import { toneOf } from './tones'
import styles from './events.module.css'
import { ResourceLink } from './resource-link'
import { eventWords, readResource } from './resources'

const SHOWN = 3

/** The list; days that begin are told between the rows. */
export function EventList({ events }: { events: readonly Event[] }) {
  const [zone] = useZone()
  return (
    <ol className={styles.list} aria-label="Events">
      {events.map((event) => (
        <li key={event.id} className={styles.event}>
          <StateGlyph kind={toneOf(event.event)} />
          <div className={styles.what}>
            <Link to="/events/event/$id" params={{ id: event.id }} className={styles.title}>
              {eventWords(event.event)}
            </Link>
            <span className={styles.resource}>
              <ResourceLink resource={readResource(event.resource)} hasKind={false} />
            </span>
            <p className={styles.sub}>
              <code>{event.event}</code>
              <Others event={event} />
            </p>
          </div>
          <span className={styles.when}>
            <Time value={event.occurred} look="relative" />
            <span className={styles.exact}>{formatInstant(event.occurred, zone, 'minute')}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

function Others({ event }: { event: Event }) {
  const others = event.related.map(readResource).filter(({ kind }) => kind !== 'tag' && kind !== 'event')
  if (others.length === 0) return null
  return (
    <span className={styles.others}>
      {others.slice(0, SHOWN).map((resource) => (
        <ResourceLink key={`${resource.id} ${resource.role}`} resource={resource} />
      ))}
      {others.length > SHOWN && <span>and {others.length - SHOWN} more</span>}
    </span>
  )
}
