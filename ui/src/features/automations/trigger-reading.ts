// Which form says what a trigger says: what has none is written as JSON.
import type { EventTrigger, MetricTrigger, Trigger } from '@/api/types'

import { ID, type Labels, ROLE, without } from './labels'
import {
  type MetricForm,
  RUN,
  RUN_STATES,
  type RunScope,
  type StatusForm,
  type StatusObject,
  STATUSES,
  type TriggerForm,
  writeTrigger,
} from './trigger-forms'

const OBJECTS = Object.keys(STATUSES) as StatusObject[]

/** How the names of the events begin that a trigger answers to; none: any event. */
export function namesOf(trigger: Trigger): string[] {
  if ('metric' in trigger) return [RUN]
  if ('triggers' in trigger) return [...new Set(trigger.triggers.flatMap(namesOf))]
  // What does not come is told of by what came before.
  const { expect = [], after = [], posture } = trigger
  const names = posture === 'Proactive' && after.length > 0 ? after : expect
  return names.map((name) => name.replace(/\*.*$/, ''))
}

const LISTS = ['expect', 'after', 'for_each', 'triggers']

/** Whether a value has the shape of a trigger; the server checks what is in it. */
export function isTrigger(value: Record<string, unknown> | undefined): value is Record<string, unknown> & Trigger {
  if (value === undefined || typeof value.type !== 'string') return false
  const needed = { compound: 'triggers', sequence: 'triggers', metric: 'metric' }[value.type]
  if (needed !== undefined && !(needed in value)) return false
  return LISTS.every((list) => !(list in value) || Array.isArray(value[list]))
}

/** The form that says what a trigger says; null where none does. */
export function readTrigger(trigger: Trigger): TriggerForm | null {
  const form = guess(trigger)
  // A form must not lose what it does not show.
  return form !== null && canonical(writeTrigger(form)) === canonical(trigger) ? form : null
}

function guess(trigger: Trigger): TriggerForm | null {
  if ('metric' in trigger) return guessMetric(trigger)
  if ('triggers' in trigger) {
    const { triggers, within } = trigger
    const isCompound = 'require' in trigger
    const require = isCompound ? trigger.require : 'all'
    return { kind: isCompound ? 'compound' : 'sequence', triggers, require, within: within ?? 0 }
  }
  const { match = {}, match_related: related = {}, expect = [], after = [], for_each: each = [], within = 0 } = trigger
  const isProactive = trigger.posture === 'Proactive'
  const id = match[ID]
  if (id === `${RUN}*`) {
    const scope = readScope(related)
    const names = isProactive ? after : expect
    const isOfStates = names.length > 0 && names.every((name) => isRunState(name))
    if (scope !== null && isOfStates && each.length === 1 && trigger.threshold === 1) {
      return {
        kind: 'run',
        scope,
        states: names.map((name) => name.slice(RUN.length)),
        staysFor: isProactive ? within : 0,
      }
    }
  }
  const status = guessStatus(trigger, id)
  if (status !== null) return status
  return {
    kind: isProactive ? 'absence' : 'event',
    expect,
    after,
    resources: id === undefined ? [] : [id].flat(),
    labels: without(match, ID),
    related: (Array.isArray(related) ? related : [related]).filter((each) => Object.keys(each).length > 0),
    forEach: each,
    threshold: trigger.threshold ?? 1,
    within,
  }
}

function guessMetric({ metric, match_related: related = {} }: MetricTrigger): MetricForm | null {
  const scope = readScope(related)
  if (scope === null) return null
  const { name, operator, threshold, range = 300, firing_for: firingFor = 300 } = metric
  return { kind: 'metric', metric: name, operator, threshold, range, firingFor, scope }
}

function guessStatus({ expect = [], posture }: EventTrigger, id: string | string[] | undefined): StatusForm | null {
  const object = OBJECTS.find((each) => expect[0]?.startsWith(`prefect.${each}.`))
  if (object === undefined || posture !== 'Reactive' || id === undefined) return null
  const prefix = `prefect.${object}.`
  const of = id === `${prefix}*` ? [] : [id].flat().map((each) => each.slice(prefix.length))
  const statuses = expect.map((name) => name.slice(prefix.length))
  const known: readonly string[] = STATUSES[object]
  return statuses.every((status) => known.includes(status)) ? { kind: 'status', object, of, statuses } : null
}

function readScope(related: NonNullable<EventTrigger['match_related']>): RunScope | null {
  if (Array.isArray(related)) return null
  if (Object.keys(related).length === 0) return { by: 'any', of: [] }
  const by = (['flow', 'deployment', 'tag'] as const).find((each) => each === related[ROLE])
  const ids = related[ID]
  if (by === undefined || ids === undefined) return null
  return { by, of: [ids].flat().map((id) => id.slice(`prefect.${by}.`.length)) }
}

function isRunState(name: string): boolean {
  return name.startsWith(RUN) && (RUN_STATES as readonly string[]).includes(name.slice(RUN.length))
}

/** A trigger as text by which two that mean the same are equal: one value and a list of it, defaults and none. */
function canonical(trigger: Trigger): string {
  const plain = Object.entries({ match: {}, match_related: {}, ...trigger })
    .filter(([name, value]) => name !== 'id' && value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name, plainly(name, value)] as const)
  return JSON.stringify(plain.sort(([one], [other]) => one.localeCompare(other)))
}

function plainly(name: string, value: unknown): unknown {
  if (name === 'triggers') return (value as Trigger[]).map(canonical)
  if (!name.startsWith('match')) return value
  return (Array.isArray(value) ? (value as Labels[]) : [value as Labels])
    .map((labels) =>
      Object.entries(labels)
        .map(([label, wanted]) => [label, [wanted].flat()] as const)
        .sort(([one], [other]) => one.localeCompare(other)),
    )
    .filter((labels) => labels.length > 0)
}
