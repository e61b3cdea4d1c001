// Webhooks, incidents and agreements for tests: complete, with what a test is about put in.
import type { Event, Incident, Sla, Webhook } from '@/api/types'

const TIME = '2026-11-22T10:00:00Z'

/** A webhook that needs no signature. */
export function aWebhook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: '01a20505-0000-7000-8000-0000000000d1',
    created: TIME,
    updated: TIME,
    name: 'shop',
    description: '',
    enabled: true,
    template: '{"event": "order.paid"}',
    slug: 'nobody-can-guess',
    service_account_id: null,
    signature: 'none',
    old_expires: null,
    secret: null,
    ...changes,
  }
}

/** An incident that goes on. */
export function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: '01a20505-0000-7000-8000-0000000000d2',
    created: TIME,
    updated: TIME,
    name: 'Orders are late',
    status: 'open',
    severity: 'high',
    summary: '',
    start_time: TIME,
    end_time: null,
    tags: [],
    related_resources: [],
    ...changes,
  }
}

/** An agreement of a tag that runs end within a minute. */
export function anSla(changes: Partial<Sla> = {}): Sla {
  return {
    id: '01a20505-0000-7000-8000-0000000000d3',
    created: TIME,
    updated: TIME,
    name: 'quick',
    severity: 'moderate',
    enabled: true,
    owner_resource: 'prefect.tag.reports',
    kind: 'time-to-completion',
    duration: 60,
    stale_after: null,
    within: null,
    due: null,
    last_violated: null,
    ...changes,
  }
}

/** An event about a resource. */
export function anEvent(event: string, resource: Record<string, string>, payload: Event['payload'] = {}): Event {
  return {
    id: `01a20505-0000-7000-8000-${String(event.length).padStart(12, '0')}`,
    occurred: TIME,
    received: TIME,
    event,
    resource,
    related: [],
    payload,
    follows: null,
  }
}
