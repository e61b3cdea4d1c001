// Automations: the list, the builder with its back-test, and what became of actions.
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { newDraft } from './draft'

const ID = '01a20505-0000-7000-8000-0000000000b1'
const TIME = '2026-11-22T10:00:00Z'
const stored = { ...newDraft(), id: ID, created: TIME, updated: TIME, name: 'tell-us' }
const delivery = {
  id: '01a20505-0000-7000-8000-0000000000d1',
  created: TIME,
  updated: TIME,
  automation_id: ID,
  automation_name: 'tell-us',
  firing_id: ID,
  action_index: 0,
  action: { type: 'call-webhook', block_document_id: ID, payload: '' },
  triggering_event_id: null,
  state: 'failed',
  attempts: 5,
  due: null,
  is_under_way: false,
  result: { status_code: 500 },
  reason: 'The server answered 500.',
  ended: TIME,
}

const EVENT = {
  id: '01a20505-0000-7000-8000-0000000000e1',
  event: 'file.arrived',
  occurred: TIME,
  received: TIME,
  resource: { 'prefect.resource.id': 'files.1', 'prefect.resource.name': 'A file' },
  related: [],
  payload: {},
  follows: null,
}

beforeEach(() => {
  answer('post', '/events/filter', { events: [EVENT], total: 1, next_page: null })
})

it('fills templates in from a real event', async () => {
  const rendered = { subject: 'A file has arrived' }
  const asked = answer('post', '/automations/preview', {
    event: EVENT,
    actions: [{ index: 0, type: 'send-email-notification', target: null, rendered, reason: null }],
  })
  const { user } = await showPage(`/automations/new?event=${EVENT.id}`)
  expect(await screen.findByText('When file.arrived of files.1 comes')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Preview' }))
  expect(await screen.findByText('A file has arrived')).toBeInTheDocument()
  expect(asked).toMatchObject([{ event_id: EVENT.id, state: 'Triggered', automation: { name: 'Draft' } }])
})

it('builds triggers within triggers', async () => {
  const saved = answer('post', '/automations/', stored, 201)
  const { user } = await showPage('/automations/new')
  await user.type(await screen.findByLabelText('Name'), 'both')
  await user.selectOptions(screen.getByLabelText('What it waits for'), 'Several of these, one after the other')
  await user.click(screen.getByRole('button', { name: 'Add a trigger' }))
  const names = screen.getAllByLabelText('Names of events')
  await user.type(names[0] as HTMLElement, 'first')
  await user.type(names[1] as HTMLElement, 'second')
  await user.click(screen.getByRole('button', { name: 'Save the automation' }))
  await expect
    .poll(() => saved.at(-1))
    .toMatchObject({
      trigger: { type: 'sequence', within: 3600, triggers: [{ expect: ['first'] }, { expect: ['second'] }] },
    })
})

it('takes a trigger as JSON where it has no form, and once it is one', async () => {
  const { user } = await showPage('/automations/new')
  await user.selectOptions(await screen.findByLabelText('What it waits for'), 'Something that is written as JSON')
  const field = screen.getByLabelText('The trigger as JSON')
  await user.clear(field)
  await user.click(field)
  await user.paste('{"type": "event", "posture": "Reactive", "expect": ["odd.*"], "threshold": 2}')
  expect(await screen.findByText(/^When odd\.\* comes 2 times/)).toBeInTheDocument()
})

it('copies an automation, and leaves the copy off', async () => {
  answer('get', `/automations/${ID}`, stored)
  await showPage(`/automations/new?copy=${ID}`)
  expect(await screen.findByLabelText('Name')).toHaveValue('Copy of tell-us')
  expect(screen.getByLabelText('Once it is saved')).toHaveValue('off')
})

it('lists automations in words, and switches one off', async () => {
  answer('post', '/automations/filter', [stored])
  answer('post', '/automations/count', 1)
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
  const changed = answer('patch', `/automations/${ID}`, null)
  const { user } = await showPage('/automations')
  const row = (await screen.findByRole('link', { name: 'tell-us' })).closest('tr') as HTMLElement
  expect(within(row).getByText('When a flow run enters Failed or Crashed')).toBeInTheDocument()
  await user.click(within(row).getByRole('switch'))
  await expect.poll(() => changed).toEqual([{ enabled: false }])
})

it('teaches where there is none', async () => {
  answer('post', '/automations/filter', [])
  answer('post', '/automations/count', 0)
  await showPage('/automations')
  expect(await screen.findByText(/from ostinato.automations import/)).toBeInTheDocument()
})

it('keeps an error in its panel, with a retry', async () => {
  answer('post', '/automations/filter', { detail: 'The database is away.' }, 503)
  answer('post', '/automations/count', 0)
  await showPage('/automations')
  expect(await screen.findByText('The database is away.')).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
})

it('tries a draft out, shows its templates filled in, and saves it', async () => {
  const tried = answer('post', '/automations/backtest', {
    since: TIME,
    until: TIME,
    events: 7,
    fired: 1,
    is_complete: true,
    explanation: null,
    firings: [
      {
        triggered: TIME,
        triggering_labels: {},
        triggering_event: null,
        actions: [
          {
            index: 0,
            type: 'send-email-notification',
            target: null,
            rendered: { subject: 'ivory-fox failed' },
            reason: null,
          },
        ],
      },
    ],
  })
  const saved = answer('post', '/automations/', stored, 201)
  const { user } = await showPage('/automations/new')
  await user.type(await screen.findByLabelText('Name'), 'tell-us')
  await user.selectOptions(screen.getByLabelText('Action 1'), 'Send an e-mail')
  await user.type(screen.getByLabelText('To'), 'ops@example.com, dev@example.com')
  await user.click(screen.getByRole('button', { name: 'Back-test' }))
  expect(await screen.findByText('ivory-fox failed')).toBeInTheDocument()
  expect(screen.getByText('It would have fired once.')).toBeInTheDocument()
  expect(tried.at(-1)).toMatchObject({ automation: { name: 'tell-us' } })
  await user.click(screen.getByRole('button', { name: 'Save the automation' }))
  await expect
    .poll(() => saved.at(-1))
    .toMatchObject({
      name: 'tell-us',
      actions: [{ type: 'send-email-notification', emails: ['ops@example.com', 'dev@example.com'] }],
    })
})

it('keeps a scope that was chosen until its objects are', async () => {
  answer('post', '/flows/paginate', { results: [{ id: ID, name: 'etl' }], count: 1, pages: 1, page: 1, limit: 50 })
  answer('post', '/flows/filter', [{ id: ID, name: 'etl' }])
  const { user } = await showPage('/automations/new')
  await user.selectOptions(await screen.findByLabelText('Of'), 'Flow runs of flows')
  await screen.findByRole('option', { name: 'etl' })
  await user.selectOptions(screen.getByLabelText('Flows'), 'etl')
  expect(await screen.findByText('When a flow run of etl enters Failed or Crashed')).toBeInTheDocument()
})

it('does not save JSON that cannot be read, and says why', async () => {
  const { user } = await showPage('/automations/new')
  await user.click(await screen.findByRole('tab', { name: 'JSON' }))
  await user.clear(screen.getByLabelText('The automation as JSON'))
  expect(await screen.findByText(/This is not JSON/)).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Save the automation' })).toBeDisabled()
})

it('sends a failed delivery again', async () => {
  answer('get', `/automations/${ID}`, stored)
  answer('post', '/automations/deliveries/filter', [delivery])
  const sent = answer('post', `/automations/deliveries/${delivery.id}/send_again`, { ...delivery, state: 'pending' })
  const { user } = await showPage(`/automations/automation/${ID}`)
  expect(await screen.findByText('The server answered 500.')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Send again' }))
  await expect.poll(() => sent).toHaveLength(1)
  expect(document.title).toBe('tell-us · Ostinato')
})
