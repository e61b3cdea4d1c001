// One event: what happened to which resource, who had a part in it, what caused it, and what it carries.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Zap } from 'lucide-react'

import { eventQuery } from '@/api/events'
import type { Event } from '@/api/types'
import { Badge } from '@/design/badge'
import { CopyButton, JsonBlock } from '@/design/code-block'
import { EmptyState } from '@/design/empty-state'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { StateGlyph } from '@/design/states'
import { Tabs } from '@/design/tabs'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'
import { jsonText } from '@/lib/json'

import styles from './events.module.css'
import { ResourceLink } from './resource-link'
import { causesOf, eventWords, kindWords, type Labels, readResource, RESOURCE_ID } from './resources'
import type { EventSearch } from './search'
import { toneOf } from './tones'

interface EventPageProps {
  id: string
  search: EventSearch
  onSearch: (search: EventSearch) => void
}

/** The page. */
export function EventPage({ id, search, onSearch }: EventPageProps) {
  const event = useQuery(eventQuery(id))
  return (
    <QueryView query={event} placeholder={<Skeleton lines={6} />} errorTitle="The event could not be loaded">
      {(found) =>
        found === null ? (
          <Page title="Event" trail={<Link to="/events">Events</Link>}>
            <Panel>
              <EmptyState title="There is no such event">
                Events are kept for a time only; this one may be too old.
              </EmptyState>
            </Panel>
          </Page>
        ) : (
          <Loaded event={found} search={search} onSearch={onSearch} />
        )
      }
    </QueryView>
  )
}

function Loaded({ event, search, onSearch }: { event: Event } & Omit<EventPageProps, 'id'>) {
  const resource = readResource(event.resource)
  const title = eventWords(event.event)
  const heading = (
    <>
      <StateGlyph kind={toneOf(event.event)} size={20} /> {title}
    </>
  )
  const actions = (
    <Link to="/automations/new" search={{ event: event.id }}>
      <Zap size={14} aria-hidden /> Automate what follows
    </Link>
  )
  return (
    <Page
      title={`${title} ${resource.name ?? ''}`.trim()}
      heading={heading}
      trail={<Link to="/events">Events</Link>}
      actions={actions}
    >
      <Tabs
        label="About the event"
        value={search.tab ?? 'details'}
        onChange={(tab) => onSearch({ tab })}
        tabs={[
          { value: 'details', label: 'Details', content: () => <Details event={event} /> },
          {
            value: 'raw',
            label: 'Raw',
            content: () => (
              <Panel title="As JSON" actions={<CopyButton text={jsonText(event)} label="Copy the event" />}>
                <JsonBlock value={event} label="The event" />
              </Panel>
            ),
          },
        ]}
      />
    </Page>
  )
}

function Details({ event }: { event: Event }) {
  const resource = readResource(event.resource)
  return (
    <div className={styles.details}>
      <Panel title="What happened">
        <Facts
          facts={[
            ['Event', <code key="name">{event.event}</code>],
            ['Resource', <ResourceLink key="resource" resource={resource} />],
            ['Occurred', <Time key="occurred" value={event.occurred} />],
            ['Received', <Time key="received" value={event.received} />],
            ['Id', <code key="id">{event.id}</code>],
          ]}
        />
      </Panel>
      <Causes event={event} />
      <Panel title="Resource" actions={<AllOf id={resource.id} />}>
        <Facts facts={labelsOf(event.resource)} />
      </Panel>
      <Panel title="Others that had a part in it" isFlush>
        <Related event={event} />
      </Panel>
      <Panel title="Payload">
        {Object.keys(event.payload).length === 0 ? (
          <p>It carries none.</p>
        ) : (
          <JsonBlock value={event.payload} label="Payload" />
        )}
      </Panel>
    </div>
  )
}

function Causes({ event }: { event: Event }) {
  const causes = causesOf(event.related)
  const follows = event.follows === null ? null : readResource({ [RESOURCE_ID]: `prefect.event.${event.follows}` })
  return (
    <Panel title="Who caused this">
      {causes.length === 0 && follows === null ? (
        <p>Nothing else: the event names no cause. Its resource reported it by itself.</p>
      ) : (
        <ul className={styles.causes}>
          {causes.map((cause) => (
            <li key={cause.id + cause.role}>
              <ResourceLink resource={cause} /> <Badge>{roleWords(cause.role)}</Badge>
            </li>
          ))}
          {follows !== null && (
            <li>
              It follows <ResourceLink resource={follows} />
            </li>
          )}
        </ul>
      )}
    </Panel>
  )
}

function Related({ event }: { event: Event }) {
  if (event.related.length === 0) return <p className={styles.none}>None.</p>
  return (
    <ul className={styles.resources}>
      {event.related.map(readResource).map((resource) => (
        <li key={`${resource.id} ${resource.role}`} className={styles.related}>
          <ResourceLink resource={resource} />
          <Badge>{roleWords(resource.role)}</Badge>
          <AllOf id={resource.id} />
        </li>
      ))}
    </ul>
  )
}

function AllOf({ id }: { id: string }) {
  return (
    <span>
      <Link to="/events" search={{ resource: id, range: '7d' }}>
        Its events<span className="visually-hidden"> ({id})</span>
      </Link>
      <CopyButton text={id} label={`Copy ${id}`} />
    </span>
  )
}

function roleWords(role: string | undefined): string {
  return role === undefined ? 'Related' : kindWords(role)
}

function labelsOf(labels: Labels): [string, string][] {
  return Object.entries(labels)
}
