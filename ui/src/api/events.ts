// Events: pages of stored ones, and how many there were when and of which name.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { EventFilter } from './types'

const PAGE = 50

/** Stored events, the latest first, page by page. */
export function eventsQuery(filter: EventFilter) {
  return infiniteQueryOptions({
    queryKey: keyOf('events', 'pages', filter),
    queryFn: ({ signal, pageParam }) =>
      pageParam === null
        ? answerOf(api.POST('/events/filter', { body: { filter, limit: PAGE }, signal }))
        : answerOf(api.GET('/events/filter/next', { params: { query: { 'page-token': pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_page: next }) => next && new URL(next).searchParams.get('page-token'),
    placeholderData: keepPreviousData,
  })
}

/** The latest events that match. */
export function latestEventsQuery(filter: EventFilter, limit: number) {
  return queryOptions({
    queryKey: keyOf('latest-events', 'page', filter, limit),
    queryFn: ({ signal }) => answerOf(api.POST('/events/filter', { body: { filter, limit }, signal })),
    placeholderData: keepPreviousData,
  })
}

/** One event, or undefined where the server does not keep it any more. */
export function eventQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('events', 'one', id),
    queryFn: async ({ signal }) => {
      const body = { filter: { id: { id: [id] } } as EventFilter, limit: 1 }
      const { events } = await answerOf(api.POST('/events/filter', { body, signal }))
      return events[0] ?? null
    },
    staleTime: Infinity,
  })
}

/** How many events there were in steps of so many minutes. */
export function eventCountsQuery(filter: EventFilter, minutes: number) {
  return queryOptions({
    queryKey: keyOf('events', 'counts', filter, minutes),
    queryFn: ({ signal }) => countBy('time', { filter, time_unit: 'minute', time_interval: minutes }, signal),
    placeholderData: keepPreviousData,
  })
}

/** How many events there were of each name or of each resource, the most frequent first. */
export function eventKindsQuery(by: 'event' | 'resource', filter: EventFilter) {
  return queryOptions({
    queryKey: keyOf('events', 'kinds', by, filter),
    queryFn: ({ signal }) => countBy(by, { filter, time_unit: 'day', time_interval: 1 }, signal),
    placeholderData: keepPreviousData,
  })
}

interface CountAsked {
  filter: EventFilter
  time_unit: 'minute' | 'day'
  time_interval: number
}

function countBy(countable: 'time' | 'event' | 'resource', body: CountAsked, signal: AbortSignal) {
  return answerOf(api.POST('/events/count-by/{countable}', { params: { path: { countable } }, body, signal }))
}
