// What the page shows stays true: one socket tells of events, and what they make stale is asked for again.
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'

import { followEvents } from './event-channels'
import type { Noun } from './keys'
import type { SocketStatus } from './socket'
import type { EventFilter } from './types'

const RENEW_EVERY = 2000
const SOON = 250

/** Events by the beginnings of their names, and the nouns that they make stale. */
const NEWS: Record<string, Noun[]> = {
  'prefect.artifact-collection.': ['artifacts'],
  'prefect.block-document.': ['blocks'],
  // Runs take slots and give them back without an event of their own.
  'prefect.flow-run.': ['flow-runs', 'concurrency-limits', 'work-pool-loads'],
  'prefect.task-run.': ['task-runs', 'concurrency-limits'],
  'prefect.concurrency-limit.': ['concurrency-limits'],
  'prefect.deployment.': ['deployments', 'latest-events'],
  'ostinato.deployment.': ['deployments', 'latest-events'],
  'prefect.work-pool.': ['work-pools', 'work-pool-loads'],
  'prefect.work-queue.': ['work-pools', 'work-pool-loads'],
  'prefect.worker.': ['work-pools', 'work-pool-loads'],
  'prefect.automation.': ['automations', 'latest-events'],
  'ostinato.bulk-job.': ['bulk-jobs', 'flow-runs'],
  'prefect.sla.': ['slas', 'latest-events'],
  'prefect-cloud.incident.': ['incidents', 'latest-events'],
  'prefect-cloud.webhook.': ['webhooks', 'latest-events'],
}
const QUIET = ['prefect.flow-run.heartbeat']
/** Told only to pages that ask: there may be thousands a second. */
const MANY = 'prefect.task-run.'

let status: SocketStatus = 'connecting'
let listeners: (() => void)[] = []

/** Whether news come in. */
export function useLiveStatus(): SocketStatus {
  return useSyncExternalStore(
    (listener) => {
      listeners.push(listener)
      return () => (listeners = listeners.filter((each) => each !== listener))
    },
    () => status,
  )
}

/** Keep a page that shows the task runs of a flow run up to date. */
export function useTaskRunNews(flowRunId: string | null): void {
  useMoreNews(
    flowRunId === null ? null : { event: { prefix: [MANY] }, related: { id: [`prefect.flow-run.${flowRunId}`] } },
  )
}

/** Keep a page up to date that tells which task runs hold slots on these tags. */
export function useTagNews(tags: readonly string[]): void {
  const id = tags.map((tag) => `prefect.tag.${tag}`)
  useMoreNews(id.length === 0 ? null : { event: { prefix: [MANY] }, related: { id } })
}

function useMoreNews(filter: EventFilter | null): void {
  const client = useQueryClient()
  const key = JSON.stringify(filter)
  useEffect(() => {
    const wanted = JSON.parse(key) as EventFilter | null
    if (wanted === null) return
    const renewal = new Renewal(client)
    const stop = followEvents({ filter: wanted, onEvent: ({ event }) => renewal.note(event) })
    return () => {
      stop()
      renewal.stop()
    }
  }, [client, key])
}

/** Keep everything that is shown up to date: once in the application. */
export function useLiveNews(): void {
  const client = useQueryClient()
  useEffect(() => {
    const renewal = new Renewal(client)
    const stop = followEvents({
      filter: { event: { prefix: Object.keys(NEWS).filter((prefix) => prefix !== MANY) } },
      // What the page shows may have been asked for before the socket was open.
      since: performance.timeOrigin,
      onEvent: ({ event }) => renewal.note(event),
      onStatus: (next, isBack) => {
        status = next
        for (const listener of listeners) listener()
        if (next === 'open' && isBack) renewal.everything()
      },
    })
    return () => {
      stop()
      renewal.stop()
    }
  }, [client])
}

/** Gathers news for a moment and then renews what is stale, not more often than every two seconds, and nothing unseen. */
export class Renewal {
  private stale = new Set<Noun>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private last = 0

  constructor(private readonly client: QueryClient) {
    document.addEventListener('visibilitychange', this.whenSeen)
  }

  /** Take note of an event, by its name. */
  note(name: string): void {
    if (QUIET.includes(name)) return
    for (const [prefix, nouns] of Object.entries(NEWS)) {
      if (name.startsWith(prefix)) for (const noun of nouns) this.stale.add(noun)
    }
    this.plan()
  }

  everything(): void {
    for (const nouns of Object.values(NEWS)) for (const noun of nouns) this.stale.add(noun)
    this.plan()
  }

  stop(): void {
    clearTimeout(this.timer)
    document.removeEventListener('visibilitychange', this.whenSeen)
  }

  private readonly whenSeen = () => this.plan()

  private plan(): void {
    if (this.timer !== undefined || this.stale.size === 0 || document.hidden) return
    this.timer = setTimeout(() => this.renew(), Math.max(SOON, this.last + RENEW_EVERY - Date.now()))
  }

  private renew(): void {
    this.timer = undefined
    this.last = Date.now()
    const nouns = this.stale
    this.stale = new Set()
    for (const noun of nouns) void this.client.invalidateQueries({ queryKey: [noun] }, { cancelRefetch: false })
  }
}
