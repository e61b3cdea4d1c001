// Drafts: automations as they are written, before they are stored.
import type { Automation, AutomationDraft, Event } from '@/api/types'

import { ID, ROLE } from './labels'
import {
  emptyForm,
  type EventForm,
  RUN,
  RUN_STATES,
  type RunForm,
  type RunScope,
  type TriggerForm,
  writeTrigger,
} from './trigger-forms'

/** A draft to begin with: for failed runs. */
export function newDraft(): AutomationDraft {
  return {
    name: '',
    description: '',
    enabled: true,
    tags: [],
    trigger: writeTrigger(emptyForm('run')),
    actions: [{ type: 'do-nothing' }],
    actions_on_trigger: [],
    actions_on_resolve: [],
  }
}

/** A draft for failed runs of a deployment. */
export function draftFor(deployment: string): AutomationDraft {
  const form = emptyForm('run') as RunForm
  return { ...newDraft(), trigger: writeTrigger({ ...form, scope: { by: 'deployment', of: [deployment] } }) }
}

/** A draft for events like this one: where it tells of a run, for the runs of the same deployment or flow. */
export function draftFrom(event: Event): AutomationDraft {
  return { ...newDraft(), trigger: writeTrigger(formFrom(event)) }
}

function formFrom({ event, resource, related }: Event): TriggerForm {
  const state = event.startsWith(RUN) ? RUN_STATES.find((each) => each === event.slice(RUN.length)) : undefined
  const owner = (['deployment', 'flow'] as const)
    .map((by) => [by, related.find((labels) => labels[ROLE] === by)?.[ID]?.slice(`prefect.${by}.`.length)] as const)
    .find(([, id]) => id !== undefined)
  if (state !== undefined) {
    const scope: RunScope = owner?.[1] === undefined ? { by: 'any', of: [] } : { by: owner[0], of: [owner[1]] }
    return { ...(emptyForm('run') as RunForm), states: [state], scope }
  }
  // Of runs that come and go the next one is meant, not this one.
  const id = (resource[ID] ?? '').replace(/^(prefect\.(?:flow|task)-run\.).*/, '$1*')
  return { ...(emptyForm('event') as EventForm), expect: [event], resources: [id] }
}

/** A copy of an automation, which does nothing until somebody enables it. */
export function copyOf(automation: Automation): AutomationDraft {
  return { ...draftOf(automation), name: `Copy of ${automation.name}`, enabled: false }
}

/** What of a stored automation can be written. */
export function draftOf(automation: Automation): AutomationDraft {
  const { name, description, enabled, tags, trigger, actions, actions_on_trigger, actions_on_resolve } = automation
  return { name, description, enabled, tags, trigger, actions, actions_on_trigger, actions_on_resolve }
}

/** Read a draft from JSON; an error says what is wrong with it. The server checks what is in it. */
export function readDraft(text: string): { draft: AutomationDraft } | { problem: string } {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: 'It must be an object: {…}.' }
    const { trigger, actions } = value as Partial<AutomationDraft>
    if (typeof trigger !== 'object') return { problem: 'trigger: it must be an object.' }
    if (!Array.isArray(actions)) return { problem: 'actions: they must be a list.' }
    return { draft: value as AutomationDraft }
  } catch (error) {
    return { problem: `This is not JSON: ${(error as Error).message}` }
  }
}
