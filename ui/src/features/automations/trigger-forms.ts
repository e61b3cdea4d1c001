// Triggers as forms, which have fields: what each kind begins with, and the trigger that it means.
import type { EventTrigger, MetricTrigger, Trigger } from '@/api/types'

import { ID, type Labels, ROLE, without } from './labels'

export const RUN_STATES = [
  'Scheduled',
  'Pending',
  'Running',
  'Completed',
  'Failed',
  'Crashed',
  'Cancelled',
  'Paused',
  'Late',
] as const
/** What becomes ready and the like, and what it can become. */
export const STATUSES = {
  'work-pool': ['ready', 'not-ready', 'paused'],
  'work-queue': ['ready', 'not-ready', 'paused'],
  deployment: ['ready', 'not-ready'],
} as const
export type StatusObject = keyof typeof STATUSES

/** Of which runs: any, or those of flows, deployments (ids) or tags. */
export interface RunScope {
  by: 'any' | 'flow' | 'deployment' | 'tag'
  of: string[]
}

export interface RunForm {
  kind: 'run'
  scope: RunScope
  states: string[]
  /** Seconds that it must stay there; 0: entering is enough. */
  staysFor: number
}

export interface StatusForm {
  kind: 'status'
  object: StatusObject
  /** Ids; none: any. */
  of: string[]
  statuses: string[]
}

export interface EventForm {
  kind: 'event' | 'absence'
  expect: string[]
  /** Names after which it begins to count, or to wait. */
  after: string[]
  /** Ids of resources, `*` stands for anything; none: any. */
  resources: string[]
  /** What else the resource must have. */
  labels: Labels
  /** What other resources the event must name, each of them. */
  related: Labels[]
  /** The labels by whose values it is counted; none: all together. */
  forEach: string[]
  threshold: number
  /** Seconds. */
  within: number
}

export interface MetricForm {
  kind: 'metric'
  metric: MetricTrigger['metric']['name']
  operator: MetricTrigger['metric']['operator']
  threshold: number
  /** Seconds. */
  range: number
  firingFor: number
  scope: RunScope
}

export interface CombinedForm {
  kind: 'compound' | 'sequence'
  triggers: Trigger[]
  /** How many of them; compound only. */
  require: 'any' | 'all' | number
  /** Seconds; 0: however long it takes. */
  within: number
}

export type TriggerForm = RunForm | StatusForm | EventForm | MetricForm | CombinedForm
export type TriggerKind = TriggerForm['kind']

export const RUN = 'prefect.flow-run.'
const LEAST_SILENCE = 10

const EVENT = {
  expect: [],
  after: [],
  resources: [],
  labels: {},
  related: [],
  forEach: [],
  threshold: 1,
  within: 0,
} satisfies Omit<EventForm, 'kind'>

/** A form of a kind, as it is before anybody has touched it. */
export function emptyForm(kind: TriggerKind): TriggerForm {
  const scope: RunScope = { by: 'any', of: [] }
  switch (kind) {
    case 'run':
      return { kind, scope, states: ['Failed', 'Crashed'], staysFor: 0 }
    case 'status':
      return { kind, object: 'work-pool', of: [], statuses: ['not-ready'] }
    case 'event':
      return { kind, ...EVENT }
    case 'absence':
      return { kind, ...EVENT, within: 3600 }
    case 'compound':
    case 'sequence':
      return { kind, triggers: [writeTrigger(emptyForm('event'))], require: 'all', within: 3600 }
    case 'metric':
      return { kind, metric: 'successes', operator: '<', threshold: 0.9, range: 3600, firingFor: 300, scope }
  }
}

/** The trigger that a form means. */
export function writeTrigger(form: TriggerForm): Trigger {
  switch (form.kind) {
    case 'run':
      return writeRun(form)
    case 'status':
      return {
        type: 'event',
        posture: 'Reactive',
        match: { [ID]: idsOf(`prefect.${form.object}.`, form.of) },
        expect: form.statuses.map((status) => `prefect.${form.object}.${status}`),
        for_each: [ID],
        threshold: 1,
        within: 0,
      }
    case 'metric':
      return {
        type: 'metric',
        posture: 'Metric',
        match: { [ID]: `${RUN}*` },
        match_related: writeScope(form.scope),
        metric: {
          name: form.metric,
          operator: form.operator,
          threshold: form.threshold,
          range: form.range,
          firing_for: form.firingFor,
        },
      }
    case 'compound':
      return { type: 'compound', triggers: form.triggers, require: form.require, within: form.within || null }
    case 'sequence':
      return { type: 'sequence', triggers: form.triggers, within: form.within || null }
    default:
      return writeEvent(form)
  }
}

function writeRun({ scope, states, staysFor }: RunForm): EventTrigger {
  const names = states.map((state) => RUN + state)
  const stays = staysFor > 0
  return {
    type: 'event',
    posture: stays ? 'Proactive' : 'Reactive',
    match: { [ID]: `${RUN}*` },
    match_related: writeScope(scope),
    after: stays ? names : [],
    expect: stays ? [`${RUN}*`] : names,
    for_each: [ID],
    threshold: 1,
    within: stays ? Math.max(LEAST_SILENCE, staysFor) : 0,
  }
}

function writeEvent(form: EventForm): EventTrigger {
  const isAbsence = form.kind === 'absence'
  return {
    type: 'event',
    posture: isAbsence ? 'Proactive' : 'Reactive',
    match: { ...(form.resources.length > 0 && { [ID]: single(form.resources) }), ...without(form.labels, ID) },
    match_related: form.related.length > 1 ? form.related : (form.related[0] ?? {}),
    after: form.after,
    expect: form.expect,
    for_each: form.forEach,
    threshold: form.threshold,
    within: isAbsence ? Math.max(LEAST_SILENCE, form.within) : form.within,
  }
}

function single(values: string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? '') : values
}

function writeScope({ by, of }: RunScope): Record<string, string | string[]> {
  if (by === 'any' || of.length === 0) return {}
  return { [ROLE]: by, [ID]: of.map((each) => `prefect.${by}.${each}`) }
}

function idsOf(prefix: string, of: readonly string[]): string | string[] {
  return of.length === 0 ? `${prefix}*` : of.map((each) => prefix + each)
}
