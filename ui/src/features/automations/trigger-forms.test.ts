import { describe, expect, it } from 'vitest'

import type { Event, Trigger } from '@/api/types'

import { draftFrom } from './draft'
import { readLabels, writeLabels } from './labels'
import { emptyForm, type EventForm, type TriggerForm, writeTrigger } from './trigger-forms'
import { namesOf, readTrigger } from './trigger-reading'
import { triggerWords } from './words'

const FLOW = '01a20505-0000-7000-8000-00000000000f'
const anEvent = emptyForm('event') as EventForm
const FORMS: [TriggerForm, string][] = [
  [emptyForm('run'), 'When a flow run enters Failed or Crashed'],
  [
    { kind: 'run', scope: { by: 'flow', of: [FLOW] }, states: ['Running'], staysFor: 3600 },
    'When a flow run of etl stays in Running for 1h',
  ],
  [
    { kind: 'run', scope: { by: 'tag', of: ['prod', 'eu'] }, states: ['Late'], staysFor: 0 },
    'When a flow run tagged prod or eu enters Late',
  ],
  [emptyForm('status'), 'When any work pool becomes not ready'],
  [
    {
      ...anEvent,
      expect: ['file.arrived'],
      resources: ['files.*'],
      labels: { region: ['eu', '!us'] },
      related: [{ 'prefect.resource.role': 'flow', 'prefect.resource.id': `prefect.flow.${FLOW}` }],
      forEach: ['prefect.resource.id'],
      threshold: 3,
      within: 60,
    },
    'When file.arrived of files.* with region = eu or !us, related to the flow etl comes 3 times within 1m',
  ],
  [
    { ...anEvent, expect: ['a'], after: ['b'], related: [{ team: 'x' }, { team: 'y' }] },
    'When a, related to a resource with team = x and a resource with team = y comes after b',
  ],
  [
    { ...anEvent, kind: 'absence', expect: ['report.sent'], after: ['day.began'], within: 7200 },
    'When report.sent does not come within 2h after day.began',
  ],
  [{ kind: 'status', object: 'deployment', of: [FLOW], statuses: ['ready'] }, 'When the deployment etl becomes ready'],
  [
    { kind: 'compound', triggers: [writeTrigger(emptyForm('run'))], require: 'any', within: 60 },
    'Any of these within 1m: when a flow run enters Failed or Crashed',
  ],
  [
    { kind: 'sequence', triggers: [writeTrigger(emptyForm('run'))], require: 'all', within: 0 },
    'One after the other: when a flow run enters Failed or Crashed',
  ],
  [emptyForm('metric'), 'When the share of successful runs over the last 1h is below 90 % for 5m'],
]

describe.each(FORMS)('%j', (form, words) => {
  it('is the same after it was written and read', () => {
    expect(readTrigger(writeTrigger(form))).toEqual(form)
  })

  it('has words', () => {
    expect(triggerWords(writeTrigger(form), new Map([[FLOW, 'etl']]))).toBe(words)
  })
})

it('reads a trigger as the server gives it: with an id, and single values as they were', () => {
  const stored = { ...writeTrigger(emptyForm('run')), id: FLOW } as Trigger
  expect(readTrigger(stored)).toEqual(emptyForm('run'))
})

it.each<Trigger>([
  {
    type: 'metric',
    posture: 'Metric',
    match: { 'prefect.resource.id': 'prefect.flow-run.1' },
    metric: { name: 'successes', operator: '<', threshold: 0.5 },
  },
  Object.assign(writeTrigger(emptyForm('run')), { unknown: 1 }),
])('has no form for what a form would lose: %j', (trigger) => {
  expect(readTrigger(trigger)).toBeNull()
})

it('reads labels by lines, and no other lines', () => {
  const labels = { region: ['eu', '!us'], 'prefect.resource.role': 'flow' }
  expect(readLabels(writeLabels(labels))).toEqual(labels)
  expect(readLabels('')).toEqual({})
  expect(readLabels('region')).toBeUndefined()
})

it('begins from an event: for runs of the same deployment, or for that event of that resource', () => {
  const related = [
    { 'prefect.resource.id': `prefect.flow.${FLOW}`, 'prefect.resource.role': 'flow' },
    { 'prefect.resource.id': `prefect.deployment.${FLOW}`, 'prefect.resource.role': 'deployment' },
  ]
  const resource = { 'prefect.resource.id': 'prefect.flow-run.1' }
  const ofRun = draftFrom({ event: 'prefect.flow-run.Crashed', resource, related } as unknown as Event)
  expect(readTrigger(ofRun.trigger)).toMatchObject({ states: ['Crashed'], scope: { by: 'deployment', of: [FLOW] } })
  const other = draftFrom({
    event: 'file.arrived',
    resource: { 'prefect.resource.id': 'f' },
    related: [],
  } as unknown as Event)
  expect(readTrigger(other.trigger)).toMatchObject({ kind: 'event', expect: ['file.arrived'], resources: ['f'] })
})

it('knows the events to preview on', () => {
  expect(namesOf(writeTrigger({ ...anEvent, expect: ['a.*', 'b'] }))).toEqual(['a.', 'b'])
  expect(namesOf(writeTrigger({ ...anEvent, kind: 'absence', expect: ['a'], after: ['b'] }))).toEqual(['b'])
  expect(namesOf(writeTrigger(emptyForm('metric')))).toEqual(['prefect.flow-run.'])
})
