// The event feed: what has happened, when and to whom, and what happens now.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { CirclePause, CirclePlay, X, ZoomOut } from 'lucide-react'

import { eventCountsQuery, eventKindsQuery, eventsQuery } from '@/api/events'
import type { Event, EventCount } from '@/api/types'
import { Badge } from '@/design/badge'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Page, Panel, Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { useZone } from '@/design/time'
import { QueryView } from '@/features/query-view'
import { formatInstant } from '@/lib/time'

import { EventChart } from './event-chart'
import { EventList } from './event-list'
import styles from './events.module.css'
import {
  DEFAULT_RANGE,
  type EventRange,
  type EventsSearch,
  filterOf,
  RANGE_LABELS,
  RANGES,
  spanOf,
  widened,
} from './search'
import { useLiveEvents } from './use-live-events'

const SHOWN_KINDS = 16
const RANGE_OPTIONS = RANGES.map((range) => [range, RANGE_LABELS[range]] as const)
const BY_OPTIONS = [
  ['event', 'Names'],
  ['resource', 'Resources'],
] as const
const SNIPPET = `from ostinato.events import emit_event

emit_event(
    event="file.arrived",
    resource={"prefect.resource.id": "files.reports.2026-11-22"},
    payload={"rows": 12},
)`

interface EventsPageProps {
  search: EventsSearch
  onSearch: (search: EventsSearch) => void
}

/** The page. */
export function EventsPage({ search, onSearch }: EventsPageProps) {
  const { since, until, minutes } = spanOf(search, Date.now())
  const filter = filterOf(search)
  const stored = { ...filter, occurred: { since, until } }
  const isLive = search.live !== 'off' && search.since === undefined
  const counts = useQuery(eventCountsQuery(stored, minutes))
  const by = search.by ?? 'event'
  const kinds = useQuery(eventKindsQuery(by, stored))
  const change = (part: Partial<EventsSearch>) => onSearch({ ...search, ...part })
  return (
    <Page
      title="Events"
      actions={
        search.since === undefined && (
          <Button
            icon={isLive ? <CirclePause size={15} aria-hidden /> : <CirclePlay size={15} aria-hidden />}
            onClick={() => change({ live: isLive ? 'off' : undefined })}
          >
            {isLive ? 'Hold the stream' : 'Follow the stream'}
          </Button>
        )
      }
    >
      <Filters search={search} onChange={change} />
      <Panel>
        <QueryView
          query={counts}
          placeholder={<Skeleton lines={1} height="5rem" />}
          errorTitle="The events could not be counted"
        >
          {(bars) => <EventChart counts={bars} onSpan={(from, to) => change({ since: from, until: to })} />}
        </QueryView>
      </Panel>
      <div className={styles.feed}>
        <Panel title="Feed" isFlush actions={isLive && <Badge tone="good">Live</Badge>}>
          <Feed search={search} stored={stored} isLive={isLive} />
        </Panel>
        <Panel
          title={by === 'event' ? 'By name' : 'By resource'}
          isFlush
          actions={
            <Select
              aria-label="Count by"
              options={BY_OPTIONS}
              value={by}
              onChange={({ target }) => change({ by: target.value === 'resource' ? 'resource' : undefined })}
            />
          }
        >
          <QueryView query={kinds} errorTitle="The events could not be counted">
            {(all) => (
              <Kinds
                kinds={all}
                isNamed={by === 'event'}
                chosen={by === 'event' ? search.name : search.resource}
                onChoose={(value) => change(by === 'event' ? { name: value } : { resource: value })}
              />
            )}
          </QueryView>
        </Panel>
      </div>
    </Page>
  )
}

function Filters({ search, onChange }: { search: EventsSearch; onChange: (part: Partial<EventsSearch>) => void }) {
  const [zone] = useZone()
  const isFiltered = Object.values({ ...search, live: undefined, by: undefined }).some((value) => value !== undefined)
  const { since, until } = search
  return (
    <Row>
      <SearchInput
        label="Name begins with"
        value={search.name ?? ''}
        onChange={(name) => onChange({ name: name || undefined })}
      />
      <SearchInput
        label="Resource id, * at its end"
        value={search.resource ?? ''}
        onChange={(resource) => onChange({ resource: resource || undefined })}
      />
      <SearchInput label="Words" value={search.text ?? ''} onChange={(text) => onChange({ text: text || undefined })} />
      {since !== undefined && until !== undefined ? (
        <>
          <Button
            icon={<X size={14} aria-hidden />}
            aria-label="Do not filter by this time"
            onClick={() => onChange({ since: undefined, until: undefined })}
          >
            {formatInstant(since, zone, 'minute')} to {formatInstant(until, zone, 'minute')}
          </Button>
          <Button icon={<ZoomOut size={14} aria-hidden />} onClick={() => onChange(widened(search, Date.now()))}>
            Zoom out
          </Button>
        </>
      ) : (
        <Select
          aria-label="Time"
          options={RANGE_OPTIONS}
          value={search.range ?? DEFAULT_RANGE}
          onChange={(event) => onChange({ range: event.target.value as EventRange /* an option */ })}
        />
      )}
      {isFiltered && (
        <Button
          look="quiet"
          onClick={() =>
            onChange({
              name: undefined,
              resource: undefined,
              text: undefined,
              range: undefined,
              since: undefined,
              until: undefined,
            })
          }
        >
          Clear
        </Button>
      )}
    </Row>
  )
}

interface FeedProps {
  search: EventsSearch
  stored: ReturnType<typeof filterOf>
  isLive: boolean
}

function Feed({ search, stored, isLive }: FeedProps) {
  const pages = useInfiniteQuery(eventsQuery(stored))
  const fresh = useLiveEvents(filterOf(search), isLive)
  return (
    <QueryView
      query={pages}
      placeholder={<Skeleton lines={10} height="2rem" />}
      errorTitle="The events could not be loaded"
    >
      {(data) => {
        const events = withoutDoubles([...fresh, ...data.pages.flatMap((page) => page.events)])
        if (events.length === 0) return <NoEvents search={search} />
        return (
          <>
            <EventList events={events} />
            {pages.hasNextPage && (
              <p className={styles.more}>
                <Button isBusy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  Show older events
                </Button>
              </p>
            )}
          </>
        )
      }}
    </QueryView>
  )
}

function NoEvents({ search }: { search: EventsSearch }) {
  if (search.name ?? search.resource ?? search.text ?? search.since ?? search.range) {
    return <EmptyState title="No event matches">Choose a longer time or fewer filters.</EmptyState>
  }
  return (
    <EmptyState title="Nothing happened in the last 24 hours" snippet={SNIPPET}>
      Runs, deployments, work pools and automations tell of themselves here, and your own code can, too. Automations
      answer to events.
    </EmptyState>
  )
}

interface KindsProps {
  kinds: readonly EventCount[]
  /** Whether they are told by what they are, and not by a label. */
  isNamed: boolean
  chosen: string | undefined
  onChoose: (value: string | undefined) => void
}

function Kinds({ kinds, isNamed, chosen, onChoose }: KindsProps) {
  if (kinds.length === 0) return <p className={styles.none}>None.</p>
  return (
    <ul className={styles.names}>
      {kinds.slice(0, SHOWN_KINDS).map(({ value, label, count }) => (
        <li key={value}>
          <button
            type="button"
            className={styles.name}
            aria-pressed={chosen === value}
            onClick={() => onChoose(chosen === value ? undefined : value)}
          >
            <span title={value}>{isNamed ? value : label}</span>
            <span className={styles.number}>{count.toLocaleString('en')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function withoutDoubles(events: readonly Event[]): Event[] {
  return [...new Map(events.map((event) => [event.id, event])).values()]
}
