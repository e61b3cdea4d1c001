// The page of concurrency limits.
import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'

import { untilNextEnd } from '@/api/concurrency-limits'
import { aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { drained } from './slot-meter'

const TIME = '2026-11-22T10:00:00Z'
const LIMIT = {
  id: 'l1',
  created: TIME,
  updated: TIME,
  active: true,
  name: 'database',
  limit: 10,
  active_slots: 4,
  slot_decay_per_second: 0,
}
const HOLDER = '01a20505-0000-7000-8000-0000000000d1'
const TAG = { id: 't1', created: TIME, updated: TIME, tag: 'gpu', concurrency_limit: 2, active_slots: [HOLDER] }

beforeEach(() => {
  answer('post', '/v2/concurrency_limits/filter', [LIMIT])
  answer('post', '/concurrency_limits/filter', [TAG])
  answer(
    'post',
    '/task_runs/paginate',
    aPage([{ id: HOLDER, name: 'train-1', state_type: 'RUNNING', state_name: 'Running', start_time: TIME }]),
  )
})

describe('named limits', () => {
  it('shows how many slots are taken', async () => {
    await showPage('/concurrency-limits')
    expect(await screen.findByRole('meter', { name: 'Slots of database' })).toHaveAttribute('aria-valuenow', '4')
    expect(screen.getByText('4 of 10')).toBeInTheDocument()
    expect(document.title).toBe('Concurrency limits · Ostinato')
  })

  it('are made in a dialog', async () => {
    const made = answer('post', '/v2/concurrency_limits/', LIMIT, 201)
    const { user } = await showPage('/concurrency-limits')
    await user.click(await screen.findByRole('button', { name: 'New limit' }))
    await user.type(screen.getByLabelText('Name'), 'api')
    await user.clear(screen.getByLabelText('Slots'))
    await user.type(screen.getByLabelText('Slots'), '60')
    await user.clear(screen.getByLabelText('Slots that come back a second'))
    await user.type(screen.getByLabelText('Slots that come back a second'), '0.5')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await expect.poll(() => made).toEqual([{ name: 'api', limit: 60, slot_decay_per_second: 0.5, active: true }])
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull()
  })

  it('give all their slots back after a question', async () => {
    const freed = answer('patch', '/v2/concurrency_limits/l1', null)
    const { user } = await showPage('/concurrency-limits')
    await user.click(await screen.findByRole('button', { name: 'What can be done with database' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Free all slots' }))
    await user.click(await screen.findByRole('button', { name: 'Free the slots' }))
    await expect.poll(() => freed).toEqual([{ active_slots: 0 }])
  })

  it('teach where there is none, and are asked for again after an error', async () => {
    answer('post', '/v2/concurrency_limits/filter', { detail: 'The database is away.' }, 503)
    const { user } = await showPage('/concurrency-limits')
    expect(await screen.findByText('The database is away.')).toBeInTheDocument()
    answer('post', '/v2/concurrency_limits/filter', [])
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText(/concurrency\("database"/)).toBeInTheDocument()
  })
})

describe('limits on tags', () => {
  it('stand in the address, and tell who holds a slot', async () => {
    const { router, user } = await showPage('/concurrency-limits')
    await user.click(await screen.findByRole('tab', { name: 'Task tags' }))
    expect(router.state.location.search).toMatchObject({ tab: 'tags' })
    const holders = await screen.findByRole('list', { name: 'Who holds slots of gpu' })
    expect(await within(holders).findByRole('link', { name: 'train-1' })).toHaveAttribute(
      'href',
      `/runs/task-run/${HOLDER}`,
    )
  })

  it('take a slot away from who holds it', async () => {
    const freed = answer('post', '/concurrency_limits/decrement', [])
    const { user } = await showPage('/concurrency-limits?tab=tags')
    await user.click(await screen.findByRole('button', { name: 'Free the slot of train-1' }))
    await user.click(await screen.findByRole('button', { name: 'Free the slot' }))
    await expect.poll(() => freed).toEqual([{ names: ['gpu'], task_run_id: HOLDER }])
  })
})

describe('the ledger of a limit', () => {
  const ADDRESS = '/concurrency-limits/concurrency-limit/l1'
  const ledger = {
    as_of: TIME,
    limit: LIMIT,
    leases: [
      {
        lease_id: 'e1',
        slots: 2,
        since: TIME,
        until: TIME,
        holder: { type: 'flow_run', id: HOLDER },
        name: 'ivory-fox',
        state_type: 'RUNNING',
        state_name: 'Running',
      },
      {
        lease_id: 'e2',
        slots: 1,
        since: TIME,
        until: null,
        holder: null,
        name: null,
        state_type: null,
        state_name: null,
      },
    ],
    lease_count: 2,
    leased_slots: 3,
    unleased_slots: 1,
    denied_slots: 2.4,
    avg_slot_occupancy_seconds: 12,
  }

  it('tells who holds slots, what nobody is known to hold, and who asked in vain', async () => {
    answer('get', '/v2/concurrency_limits/l1/leases', ledger)
    await showPage(ADDRESS)
    expect(await screen.findByRole('link', { name: 'ivory-fox' })).toHaveAttribute('href', `/runs/flow-run/${HOLDER}`)
    expect(document.title).toBe('database · Ostinato')
    expect(screen.getByText('A client that did not say for whom')).toBeInTheDocument()
    expect(screen.getByText('its holder ends')).toBeInTheDocument()
    expect(screen.getByText('about 2')).toBeInTheDocument()
  })

  it('takes slots away after a question that says what will happen', async () => {
    answer('get', '/v2/concurrency_limits/l1/leases', ledger)
    const revoked = answer('delete', '/v2/concurrency_limits/leases/e1', null)
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Release the slots of ivory-fox' }))
    expect(await screen.findByText(/An event tells of it/)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Release' }))
    await expect.poll(() => revoked).toHaveLength(1)
  })

  it('keeps an error in its place, with a retry', async () => {
    answer('get', '/v2/concurrency_limits/l1/leases', { detail: 'The database is away.' }, 503)
    await showPage(ADDRESS)
    expect(await screen.findByText('The database is away.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
  })
})

it('lets the slots of a rate limit come back with time', () => {
  const at = Date.parse(TIME)
  expect(drained(10, 2, TIME, at)).toEqual({ draining: 10, seconds: 5 })
  expect(drained(10, 2, TIME, at + 2000)).toEqual({ draining: 6, seconds: 3 })
  expect(drained(10, 2, TIME, at + 60_000)).toEqual({ draining: 0, seconds: 0 })
})

it('asks again when the first lease ends that nobody has renewed', () => {
  const at = Date.parse(TIME)
  expect(untilNextEnd([], at)).toBe(false)
  expect(untilNextEnd([{ until: null }], at)).toBe(false)
  expect(untilNextEnd([{ until: '2026-11-22T10:01:00Z' }, { until: '2026-11-22T10:00:30Z' }], at)).toBe(32_000)
  expect(untilNextEnd([{ until: '2026-11-22T09:00:00Z' }], at)).toBe(2000)
})
