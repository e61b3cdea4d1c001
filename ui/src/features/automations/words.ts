// Triggers and actions in words.
import type { Action, EventTrigger, MetricTrigger, Trigger } from '@/api/types'
import { formatDuration } from '@/lib/time'

import { ID, type Labels, ROLE, without } from './labels'
import type { RunScope } from './trigger-forms'
import { readTrigger } from './trigger-reading'

/** The names of flows, deployments and other objects, by their ids. */
export type Names = ReadonlyMap<string, string>
const NONE: Names = new Map()

/** `When a flow run of etl enters Failed or Crashed`. */
export function triggerWords(trigger: Trigger, names: Names = NONE): string {
  if ('metric' in trigger) return metricWords(trigger, names)
  if ('triggers' in trigger) {
    const inner = trigger.triggers.map((each) => lower(triggerWords(each, names)))
    const within = trigger.within ? ` within ${formatDuration(trigger.within)}` : ''
    if (!('require' in trigger)) return `One after the other${within}: ${inner.join('; then ')}`
    const lead = trigger.require === 'all' ? 'All' : trigger.require === 'any' ? 'Any' : `At least ${trigger.require}`
    return `${lead} of these${within}: ${inner.join('; ')}`
  }
  return eventTriggerWords(trigger, names)
}

function eventTriggerWords(trigger: EventTrigger, names: Names): string {
  const form = readTrigger(trigger)
  if (form?.kind === 'run') {
    const who = `When a flow run${scopeWords(form.scope, names)}`
    if (form.staysFor > 0) return `${who} stays in ${either(form.states)} for ${formatDuration(form.staysFor)}`
    return `${who} enters ${either(form.states)}`
  }
  if (form?.kind === 'status') {
    const object = form.object.replace('-', ' ')
    const which =
      form.of.length === 0 ? `any ${object}` : `the ${object} ${either(form.of.map((id) => named(id, names)))}`
    return `When ${which} becomes ${either(form.statuses.map((status) => status.replace('-', ' ')))}`
  }
  const what = (trigger.expect ?? []).length === 0 ? 'any event' : either(trigger.expect ?? [])
  const from = fromWords(trigger, names)
  const within = trigger.within ? ` within ${formatDuration(trigger.within)}` : ''
  if (trigger.posture === 'Proactive') {
    const after = (trigger.after ?? []).length > 0 ? ` after ${either(trigger.after ?? [])}` : ''
    return `When ${what}${from} does not come${within}${after}`
  }
  const times = (trigger.threshold ?? 1) === 1 ? 'comes' : `comes ${trigger.threshold} times`
  const after = (trigger.after ?? []).length > 0 ? ` after ${either(trigger.after ?? [])}` : ''
  return `When ${what}${from} ${times}${(trigger.threshold ?? 1) === 1 ? '' : within}${after}`
}

/** ` of files.* with region = eu, related to the flow etl`. */
function fromWords({ match = {}, match_related: related = {} }: EventTrigger, names: Names): string {
  const ids = match[ID]
  const whose = ids === undefined ? '' : ` of ${either([ids].flat().map((id) => resourceWords(id, names)))}`
  const others = (Array.isArray(related) ? related : [related]).filter((each) => Object.keys(each).length > 0)
  const beside = others.map((labels) => relatedWords(labels, names)).join(' and ')
  return whose + labelWords(without(match, ID)) + (beside && `, related to ${beside}`)
}

function relatedWords(labels: Labels, names: Names): string {
  const { [ID]: ids, [ROLE]: role } = labels
  const kind = role === undefined ? '' : `the ${either([role].flat()).replaceAll('-', ' ')} `
  const which = ids === undefined ? '' : either([ids].flat().map((id) => resourceWords(id, names)))
  return ((kind + which).trim() || 'a resource') + labelWords(without(without(labels, ID), ROLE))
}

function labelWords(labels: Labels): string {
  const parts = Object.entries(labels).map(([label, values]) => `${label} = ${either([values].flat())}`)
  return parts.length === 0 ? '' : ` with ${parts.join(' and ')}`
}

/** The name of an object of the server, by the id of its resource; other ids as they are. */
function resourceWords(id: string, names: Names): string {
  return names.get(/^prefect\.[a-z-]+\.([0-9a-f-]{36})$/.exec(id)?.[1] ?? '') ?? id
}

const METRICS = { successes: 'share of successful runs', duration: 'average duration', lateness: 'average lateness' }
const COMPARED = { '<': 'below', '<=': 'at or below', '>': 'above', '>=': 'at or above' }

function metricWords({ metric, match_related: related }: MetricTrigger, names: Names): string {
  const form = readTrigger({
    type: 'metric',
    posture: 'Metric',
    metric,
    match: { 'prefect.resource.id': 'prefect.flow-run.*' },
    match_related: related,
  })
  const scope = form?.kind === 'metric' ? scopeWords(form.scope, names) : ''
  const value =
    metric.name === 'successes' ? `${Math.round(metric.threshold * 1000) / 10} %` : formatDuration(metric.threshold)
  const over = `over the last ${formatDuration(metric.range ?? 300)}`
  return `When the ${METRICS[metric.name]}${scope} ${over} is ${COMPARED[metric.operator]} ${value} for ${formatDuration(metric.firing_for ?? 300)}`
}

function scopeWords({ by, of }: RunScope, names: Names): string {
  if (by === 'any' || of.length === 0) return ''
  if (by === 'tag') return ` tagged ${either(of)}`
  return ` of ${either(of.map((id) => named(id, names)))}`
}

function named(id: string, names: Names): string {
  return names.get(id) ?? `${id.slice(0, 8)}…`
}

export const ACTION_LABELS: Record<Action['type'] & string, string> = {
  'send-notification': 'Send a notification',
  'send-email-notification': 'Send an e-mail',
  'call-webhook': 'Call a webhook',
  'run-deployment': 'Run a deployment',
  'change-flow-run-state': 'Change the state of the flow run',
  'cancel-flow-run': 'Cancel the flow run',
  'suspend-flow-run': 'Suspend the flow run',
  'resume-flow-run': 'Resume the flow run',
  'delete-flow-run': 'Delete the flow run',
  'pause-deployment': 'Pause a deployment',
  'resume-deployment': 'Resume a deployment',
  'pause-work-pool': 'Pause a work pool',
  'resume-work-pool': 'Resume a work pool',
  'pause-work-queue': 'Pause a work queue',
  'resume-work-queue': 'Resume a work queue',
  'pause-automation': 'Pause an automation',
  'resume-automation': 'Resume an automation',
  'declare-incident': 'Declare an incident',
  'do-nothing': 'Nothing: only record that it fired',
}

/** `Run the deployment nightly`. */
export function actionWords(action: Action, names: Names = NONE): string {
  const label = ACTION_LABELS[action.type ?? 'do-nothing']
  if (action.type === 'send-email-notification') return `Send an e-mail to ${action.emails.join(', ')}`
  if (action.type === 'change-flow-run-state') return `Set the flow run to ${action.name ?? action.state}`
  if ('block_document_id' in action) {
    const block = names.get(action.block_document_id)
    return block === undefined ? label : `${label} through ${block}`
  }
  const target = targetOf(action)
  if (target === undefined) return label
  const object = label.replace(/ an? /, ' the ')
  return target === null ? `${object} of the event` : `${object} ${named(target, names)}`
}

/** The member that names the object of an action; undefined where it has none. */
export function targetMember(
  type: string,
): 'deployment_id' | 'work_pool_id' | 'work_queue_id' | 'automation_id' | undefined {
  if (type.endsWith('-deployment')) return 'deployment_id'
  if (type.endsWith('-work-pool')) return 'work_pool_id'
  if (type.endsWith('-work-queue')) return 'work_queue_id'
  return type.endsWith('-automation') ? 'automation_id' : undefined
}

/** The id of the object; null where it is taken from the event, undefined where there is none. */
export function targetOf(action: Action): string | null | undefined {
  const member = targetMember(action.type ?? '')
  return member === undefined
    ? undefined
    : (((action as Record<string, unknown>)[member] as string | null | undefined) ?? null)
}

function either(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
