// New events, by one socket for the whole application: each who listens has a channel with a filter of its own.
import { openSocket, type SocketStatus } from './socket'
import type { Event, EventFilter } from './types'

const YEAR = 365 * 24 * 3600 * 1000

interface Listener {
  filter: EventFilter
  /** Milliseconds since 1970 from which on events are told, too, that came before the socket was open. */
  since?: number
  onEvent: (event: Event) => void
  /** `isBack`: whether events may have been missed, because the socket was open before. */
  onStatus?: (status: SocketStatus, isBack: boolean) => void
}

interface Frame {
  type?: string
  channel?: string
  event?: Event
}

const listeners = new Map<string, Listener>()
let count = 0
let send: ((frame: unknown) => void) | undefined
let close: (() => void) | undefined

/** Call `onEvent` for each event that occurs from now on and matches; returns how to stop. */
export function followEvents(listener: Listener): () => void {
  count += 1
  const channel = String(count)
  listeners.set(channel, listener)
  if (close === undefined) open()
  else send?.(subscription(channel, listener))
  return () => {
    listeners.delete(channel)
    if (listeners.size === 0) shut()
    else send?.({ type: 'filter', channel, filter: null })
  }
}

function open(): void {
  close = openSocket({
    path: '/events/out',
    onOpen: (sendNow) => {
      send = sendNow
      for (const [channel, listener] of listeners) sendNow(subscription(channel, listener))
    },
    onFrame: (frame) => {
      const { type, channel, event } = frame as Frame
      if (type === 'event' && event !== undefined) listeners.get(channel ?? '')?.onEvent(event)
    },
    onStatus: (status, isBack) => {
      if (status !== 'open') send = undefined
      for (const each of listeners.values()) each.onStatus?.(status, isBack)
    },
  })
}

function shut(): void {
  close?.()
  close = undefined
  send = undefined
}

function subscription(channel: string, listener: Listener) {
  const { filter, since } = listener
  // Only the first time: after a break everything is stale anyway.
  delete listener.since
  const now = Date.now()
  const occurred = { since: new Date(since ?? now).toISOString(), until: new Date(now + YEAR).toISOString() }
  return { type: 'filter', channel, filter: { ...filter, occurred }, backfill: since !== undefined }
}
