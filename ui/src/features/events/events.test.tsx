// The event feed and an event.
import { act, screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { showPage } from '@/test/render'
import { answer } from '@/test/server'
import { FakeSocket } from '@/test/socket'

const RUN = '01a20505-0000-7000-8000-000000000001'
const event = {
  id: '01a20505-0000-7000-8000-0000000000e1',
  occurred: '2026-11-22T10:00:00Z',
  received: '2026-11-22T10:00:01Z',
  event: 'prefect.flow-run.Failed',
  resource: { 'prefect.resource.id': `prefect.flow-run.${RUN}`, 'prefect.resource.name': 'ivory-fox' },
  related: [
    {
      'prefect.resource.id': `prefect.automation.${RUN}`,
      'prefect.resource.role': 'creator',
      'prefect.resource.name': 'nightly',
    },
  ],
  payload: { rows: 12 },
  follows: null,
}
const count = { value: '0', label: 'x', count: 2, start_time: '2026-11-22T10:00:00Z', end_time: '2026-11-22T10:30:00Z' }
let asked: unknown[] = []

beforeEach(() => {
  asked = answer('post', '/events/filter', { events: [event], total: 1, next_page: null })
  answer('post', '/events/count-by/time', [count])
  answer('post', '/events/count-by/event', [{ ...count, value: event.event }])
})

it('tells of an event in words, with a link to its run', async () => {
  await showPage('/events')
  expect(await screen.findByRole('link', { name: 'Flow run: failed' })).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'ivory-fox' })).toHaveAttribute('href', `/runs/flow-run/${RUN}`)
  expect(document.title).toBe('Events · Ostinato')
})

it('shows what comes by the socket above what is stored, each once', async () => {
  await showPage('/events?name=file')
  await screen.findByRole('link', { name: 'Flow run: failed' })
  act(() => FakeSocket.all.forEach((each) => each.welcome()))
  expect(FakeSocket.all).toHaveLength(1)
  const socket = FakeSocket.all[0] as FakeSocket
  const asked = socket.sent.find((frame) => JSON.stringify(frame).includes('"prefix":["file"]'))
  expect(asked).toMatchObject({ backfill: false })
  const { channel } = asked as { channel: string }
  const fresh = { ...event, id: '01a20505-0000-7000-8000-0000000000e2', event: 'file.arrived' }
  for (const each of [fresh, fresh, event]) act(() => socket.tell({ type: 'event', channel, event: each }))
  expect(await screen.findAllByRole('link', { name: 'file.arrived' })).toHaveLength(1)
  expect(screen.getAllByRole('link', { name: 'Flow run: failed' })).toHaveLength(1)
})

it('narrows to a bar and to a name, in the address and in what is asked', async () => {
  const { router, user } = await showPage('/events')
  await user.click(await screen.findByRole('button', { name: /: 2 events/ }))
  expect(router.state.location.search).toMatchObject({ since: '2026-11-22T10:00:00.000Z' })
  await user.click(await screen.findByRole('button', { name: /prefect.flow-run.Failed/ }))
  await expect
    .poll(() => asked.at(-1))
    .toMatchObject({
      filter: { event: { prefix: ['prefect.flow-run.Failed'] }, occurred: { until: '2026-11-22T10:30:00.000Z' } },
    })
})

it('narrows to bars that were drawn over by keyboard, and out again', async () => {
  const later = { ...count, start_time: '2026-11-22T10:30:00Z', end_time: '2026-11-22T11:00:00Z', count: 1 }
  answer('post', '/events/count-by/time', [count, later])
  const { router, user } = await showPage('/events')
  const first = await screen.findByRole('button', { name: /: 2 events/ })
  act(() => first.focus())
  await user.keyboard('{Shift>}{ArrowRight}{/Shift}')
  expect(screen.getByRole('button', { name: /: 1 event$/ })).toHaveFocus()
  await user.keyboard('{Enter}')
  const span = { since: '2026-11-22T10:00:00.000Z', until: '2026-11-22T11:00:00.000Z' }
  expect(router.state.location.search).toMatchObject(span)
  await user.click(screen.getByRole('button', { name: 'Zoom out' }))
  expect(router.state.location.search).toMatchObject({ since: '2026-11-22T09:30:00.000Z' })
})

it('filters by a resource that is chosen among those that there are', async () => {
  answer('post', '/events/count-by/resource', [{ ...count, value: 'files.1', label: 'A file', count: 5 }])
  const { router, user } = await showPage('/events')
  await user.selectOptions(await screen.findByLabelText('Count by'), 'Resources')
  await user.click(await screen.findByRole('button', { name: /A file/ }))
  expect(router.state.location.search).toMatchObject({ resource: 'files.1', by: 'resource' })
})

it('shows an event raw, in a tab that the address names', async () => {
  const { router, user } = await showPage(`/events/event/${event.id}`)
  await user.click(await screen.findByRole('tab', { name: 'Raw' }))
  expect(router.state.location.search).toEqual({ tab: 'raw' })
  expect(screen.getByRole('region', { name: 'The event' })).toHaveTextContent(event.id)
})

it('teaches where nothing has happened', async () => {
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
  await showPage('/events')
  expect(await screen.findByText(/emit_event/)).toBeInTheDocument()
})

it('keeps an error in its panel, with a retry', async () => {
  answer('post', '/events/filter', { detail: 'The database is away.' }, 503)
  await showPage('/events')
  expect(await screen.findByText('The database is away.')).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
})

it('says of an event who caused it and what it carries', async () => {
  await showPage(`/events/event/${event.id}`)
  expect(await screen.findByText('"rows"', { exact: false })).toBeInTheDocument()
  expect(screen.getAllByRole('link', { name: 'nightly' })[0]).toHaveAttribute('href', `/automations/automation/${RUN}`)
  expect(screen.getByRole('link', { name: 'Automate what follows' })).toBeInTheDocument()
})
