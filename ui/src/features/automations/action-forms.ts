// Actions as forms: what each kind begins with, and which fields it has.
import type { Action, StateType } from '@/api/types'

import type { Noun } from './objects-field'
import { ACTION_LABELS } from './words'

export type ActionType = NonNullable<Action['type']>

export const ACTION_TYPES = Object.entries(ACTION_LABELS) as [ActionType, string][]
export const STATE_TYPES: readonly StateType[] = [
  'COMPLETED',
  'FAILED',
  'CRASHED',
  'CANCELLED',
  'CANCELLING',
  'PAUSED',
  'SCHEDULED',
  'PENDING',
]

const SUBJECT = '{{ automation.name }}: {{ flow_run.name }} is {{ flow_run.state.name }}'
const BODY = `{{ flow.name }}: {{ flow_run.name }} is {{ flow_run.state.name }}.
{{ flow_run.state.message }}
{{ flow_run|ui_url }}`

/** An action of a kind, as it is before anybody has touched it. */
export function emptyAction(type: ActionType): Action {
  switch (type) {
    case 'send-notification':
      return { type, block_document_id: '', subject: SUBJECT, body: BODY }
    case 'send-email-notification':
      return { type, emails: [], subject: SUBJECT, body: BODY }
    case 'call-webhook':
      return { type, block_document_id: '', payload: '{\n  "run": "{{ flow_run.name }}"\n}' }
    case 'change-flow-run-state':
      return { type, state: 'FAILED', force: false }
    case 'run-deployment':
    case 'pause-deployment':
    case 'resume-deployment':
      return { type, source: 'selected', deployment_id: '' }
    default:
      return inferrable(type) ? { type, source: 'inferred' } : { type }
  }
}

/** The noun of the object that an action may name or take from the event. */
export function inferrable(type: ActionType): Noun | undefined {
  return (['deployment', 'work-pool', 'work-queue', 'automation'] as const).find((noun) => type.endsWith(`-${noun}`))
}
