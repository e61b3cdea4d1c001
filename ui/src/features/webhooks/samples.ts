// Templates to begin with, each with a request that shows what becomes of it.
import type { WebhookSignature } from '@/api/types'

export interface SampleRequest {
  method: string
  /** One header a line: `X-GitHub-Event: push`. */
  headers: string
  body: string
}

export interface Sample {
  name: string
  template: string
  signature: WebhookSignature
  request: SampleRequest
}

const JSON_TYPE = 'Content-Type: application/json'

export const SAMPLES = {
  json: {
    name: 'Any JSON',
    signature: 'none',
    template: `{
  "event": "order.{{ body.action }}",
  "resource": {
    "prefect.resource.id": "order.{{ body.number }}",
    "prefect.resource.name": {{ body.customer | tojson }}
  }
}`,
    request: {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"action": "paid", "number": 7, "customer": "Ada"}',
    },
  },
  github: {
    name: 'GitHub',
    signature: 'github',
    template: `{
  "event": "github.{{ headers['X-GitHub-Event'] }}",
  "resource": {
    "prefect.resource.id": "github.repository.{{ body.repository.full_name }}",
    "prefect.resource.name": {{ body.repository.name | tojson }}
  },
  "payload": {"ref": {{ body.ref | tojson }}, "sender": {{ body.sender.login | tojson }}}
}`,
    request: {
      method: 'POST',
      headers: `${JSON_TYPE}\nX-GitHub-Event: push`,
      body: '{"ref": "refs/heads/main", "sender": {"login": "ada"}, "repository": {"name": "shop", "full_name": "ada/shop"}}',
    },
  },
  cloudevents: {
    name: 'CloudEvents',
    signature: 'none',
    template: '{{ body | from_cloud_event(headers) }}',
    request: {
      method: 'POST',
      headers: `${JSON_TYPE}\nce-specversion: 1.0\nce-type: com.shop.paid\nce-source: /shop\nce-id: 1`,
      body: '{"total": 5}',
    },
  },
  constant: {
    name: 'One event, whatever is sent',
    signature: 'none',
    template: '{"event": "depot.called", "resource": {"prefect.resource.id": "depot"}}',
    request: { method: 'POST', headers: '', body: '' },
  },
} as const satisfies Record<string, Sample>

export type SampleName = keyof typeof SAMPLES

/** Read headers, one a line; lines without a colon are left out. */
export function readHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : []
    }),
  )
}
