// What the address of the event feed can say, and the filter that it means.
import type { EventFilter } from '@/api/types'
import { oneOf, text } from '@/lib/search'

export const RANGES = ['1h', '24h', '7d', '30d'] as const
export type EventRange = (typeof RANGES)[number]
export const RANGE_LABELS: Record<EventRange, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}
export const DEFAULT_RANGE: EventRange = '24h'

export interface EventsSearch {
  /** The beginning of a name. */
  name?: string
  /** The id of a resource, or the beginning of one with `*` at its end. */
  resource?: string
  text?: string
  range?: EventRange
  /** A span of its own, instead of a range: ISO texts. */
  since?: string
  until?: string
  live?: 'off'
  /** By what the list beside the feed counts; by name unless said otherwise. */
  by?: 'resource'
}

/** Read an address. */
export function readEventsSearch(raw: Record<string, unknown>): EventsSearch {
  const since = instant(raw, 'since')
  const until = instant(raw, 'until')
  const isSpan = since !== undefined && until !== undefined && since < until
  return {
    name: text(raw, 'name'),
    resource: text(raw, 'resource'),
    text: text(raw, 'text'),
    range: oneOf(raw, 'range', RANGES),
    since: isSpan ? since : undefined,
    until: isSpan ? until : undefined,
    live: oneOf(raw, 'live', ['off'] as const),
    by: oneOf(raw, 'by', ['resource'] as const),
  }
}

const MINUTE = 60_000
const MINUTES: Record<EventRange, number> = { '1h': 60, '24h': 24 * 60, '7d': 7 * 24 * 60, '30d': 30 * 24 * 60 }
/** Bars of a chart, about. */
const BARS = 60
/** Minutes that a bar may stand for. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440]

/** The time that an address means at a time (milliseconds): the same within a minute, so that answers can be kept. */
export function spanOf(search: EventsSearch, now: number): { since: string; until: string; minutes: number } {
  const end = search.until === undefined ? Math.ceil(now / MINUTE) * MINUTE : Date.parse(search.until)
  const start =
    search.since === undefined ? end - MINUTES[search.range ?? DEFAULT_RANGE] * MINUTE : Date.parse(search.since)
  const span = (end - start) / MINUTE
  const minutes = STEPS.find((step) => span / step <= BARS) ?? Math.ceil(span / BARS)
  return { since: new Date(start).toISOString(), until: new Date(end).toISOString(), minutes }
}

/** Twice as long a time around the one that an address means, not beyond now. */
export function widened(search: EventsSearch, now: number): { since: string; until: string } {
  const { since, until } = spanOf(search, now)
  const half = (Date.parse(until) - Date.parse(since)) / 2
  const end = Math.min(now, Date.parse(until) + half)
  return { since: new Date(Date.parse(since) - half).toISOString(), until: new Date(end).toISOString() }
}

/** The filter of an address, without its time. */
export function filterOf(search: EventsSearch): EventFilter {
  return {
    ...(search.name !== undefined && { event: { prefix: [search.name] } }),
    ...(search.resource !== undefined && { any_resource: byId(search.resource) }),
    ...(search.text !== undefined && { text: { query: search.text } }),
  }
}

function byId(resource: string): { id: string[] } | { id_prefix: string[] } {
  return resource.endsWith('*') ? { id_prefix: [resource.slice(0, -1)] } : { id: [resource] }
}

function instant(raw: Record<string, unknown>, name: string): string | undefined {
  const time = Date.parse(text(raw, name) ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

export const EVENT_TABS = ['details', 'raw'] as const

export interface EventSearch {
  tab?: (typeof EVENT_TABS)[number]
}

/** Read the address of one event. */
export function readEventSearch(raw: Record<string, unknown>): EventSearch {
  return { tab: oneOf(raw, 'tab', EVENT_TABS) }
}
