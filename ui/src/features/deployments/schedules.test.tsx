// The schedules of a deployment: written with what they come to in sight, and sent as they were meant.
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { aDeployment, aSchedule } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { cronWords, ruleWords } from './schedule-words'

const ID = '01a20505-0000-7000-8000-0000000000d1'
const SCHEDULE = aSchedule({ deployment_id: ID, parameters: { region: 'eu' } })
const DEPLOYMENT = aDeployment({
  id: ID,
  flow_id: ID,
  schedules: [SCHEDULE],
  parameter_openapi_schema: {
    properties: { lines: { type: 'array', items: { type: 'integer' }, title: 'Lines' } },
  },
})
const ADDRESS = `/deployments/deployment/${ID}`
const INSTANT = { time: '2026-11-23T01:00:00Z', shown: '2026-11-23T09:00:00+08:00', zone: '+08', clock_change: 0 }

beforeEach(() => {
  answer('get', '/deployments/:id', DEPLOYMENT)
  answer('post', '/flows/filter', [{ id: ID, name: 'etl' }])
  answer('post', '/flow_runs/paginate', { results: [], count: 0, pages: 1, page: 1, limit: 25 })
  answer('get', '/schedules/time_zones', ['Asia/Seoul', 'Asia/Singapore', 'Europe/Berlin', 'UTC'])
})

it('finds Asia/Singapore by typing, shows its next times, and adds the schedule in that zone', async () => {
  const previewed = answer('post', '/schedules/preview', {
    timezone: 'Asia/Singapore',
    instants: [INSTANT],
    is_over: false,
  })
  const made = answer('post', '/deployments/:id/schedules', [], 201)
  const { user } = await showPage(`${ADDRESS}?tab=schedules`)
  await user.click(await screen.findByRole('button', { name: 'Add a schedule' }))
  await user.click(screen.getByRole('button', { name: /^Time zone/ }))
  await user.type(await screen.findByPlaceholderText('Type to find'), 'singap')
  await user.click(await screen.findByRole('option', { name: /Asia\/Singapore/ }))
  expect(await screen.findByText(/Mon,? 23 Nov 2026, 09:00/)).toBeInTheDocument()
  await expect.poll(() => previewed.at(-1)).toMatchObject({ schedule: { timezone: 'Asia/Singapore' } })
  await user.click(screen.getByRole('button', { name: 'Add the schedule' }))
  await expect
    .poll(() => made)
    .toMatchObject([[{ active: true, schedule: { cron: '0 9 * * 1-5', timezone: 'Asia/Singapore', day_or: true } }]])
})

it('says at the expression what is wrong with it', async () => {
  const detail = [{ loc: ['body', 'schedule', 'cron', 'cron'], msg: 'Invalid cron expression: 61' }]
  answer('post', '/schedules/preview', { exception_message: 'Invalid', exception_detail: detail }, 422)
  const { user } = await showPage(`${ADDRESS}?tab=schedules`)
  await user.click(await screen.findByRole('button', { name: 'Add a schedule' }))
  expect(await screen.findByText('Invalid cron expression: 61')).toBeInTheDocument()
  expect(screen.getByLabelText('Cron expression')).toHaveAttribute('aria-invalid', 'true')
})

it('pauses a schedule and keeps its parameters, which a change without them would take away', async () => {
  const changed = answer('patch', '/deployments/:id/schedules/:schedule', null)
  const { user } = await showPage(`${ADDRESS}?tab=schedules`)
  await user.click(await screen.findByRole('switch', { name: /^Makes runs/ }))
  await expect.poll(() => changed).toMatchObject([{ active: false, parameters: { region: 'eu' } }])
})

it('takes the slug away from a schedule, which stays the one that it is', async () => {
  answer('get', '/deployments/:id', { ...DEPLOYMENT, schedules: [{ ...SCHEDULE, slug: 'night' }] })
  answer('post', '/schedules/preview', { timezone: 'Europe/Berlin', instants: [INSTANT], is_over: false })
  const changed = answer('patch', '/deployments/:id/schedules/:schedule', null)
  const { user } = await showPage(`${ADDRESS}?tab=schedules`)
  await user.click(await screen.findByRole('button', { name: /^Change/ }))
  await user.click(screen.getByText(/^Parameters, name/))
  await user.clear(screen.getByLabelText('Slug'))
  await user.click(screen.getByRole('button', { name: 'Save' }))
  await expect.poll(() => changed).toMatchObject([{ slug: null, clear: ['slug'], parameters: { region: 'eu' } }])
})

it('adds an item to a list without starting a run, and says at its place what the server refuses', async () => {
  const made = answer('post', '/deployments/:id/create_flow_run', {}, 201)
  answer('post', '/ui/schemas/validate', {
    errors: [{ property: 'lines', errors: [{ index: 0, errors: ['7 is too many'] }] }],
    valid: false,
  })
  const { user } = await showPage(ADDRESS)
  await user.click(await screen.findByRole('button', { name: 'Custom run' }))
  const dialog = await screen.findByRole('dialog')
  await user.click(within(dialog).getByRole('button', { name: 'Add item to Lines' }))
  expect(made).toEqual([])
  await user.type(within(dialog).getByLabelText('Lines 1 (required)'), '7')
  await user.click(within(dialog).getByRole('button', { name: 'Run' }))
  expect(await within(dialog).findByText('7 is too many')).toBeInTheDocument()
  expect(made).toEqual([])
})

it('puts schedules into words, but never into wrong ones', () => {
  expect(cronWords('0 2 * * *', true)).toBe('at 02:00')
  expect(cronWords('0 2 13 * 5', false)).toContain('both days match')
  expect(ruleWords('DTSTART:20260101T000000\nFREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9')).toBe('every week on Mon, Thu at 09:00')
  expect(ruleWords('FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR')).toBe('FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR')
})
