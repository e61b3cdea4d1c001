// The dashboard: its filters, whose activity it shows, and why runs wait.
import { screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { aFlowRun } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { barsOf } from './task-activity'

const run = aFlowRun({ state_type: 'SCHEDULED', state_name: 'Late', start_time: null })
let asked: unknown[] = []
let history: unknown[] = []

beforeEach(() => {
  history = answer('post', '/flow_runs/history', [])
  asked = answer('post', '/flow_runs/filter', [run])
  answer('post', '/flows/filter', [{ id: run.flow_id, name: 'etl' }])
  answer('post', '/work_pools/loads', [])
})

it('narrows everything to tags, and to runs that no other run has called', async () => {
  const { router, user } = await showPage('/dashboard?tags=["prod"]')
  await user.selectOptions(await screen.findByLabelText('Sub-flows'), 'Without sub-flows')
  expect(router.state.location.search).toMatchObject({ tags: ['prod'], subflows: 'hide' })
  const filter = { tags: { all_: ['prod'] }, parent_task_run_id: { is_null_: true } }
  await expect.poll(() => history.at(-1)).toMatchObject({ flow_runs: filter })
  await expect.poll(() => asked.slice(-4)).toMatchObject(Array.from({ length: 4 }, () => ({ flow_runs: filter })))
})

it('shows how task runs have ended, and does not count flow runs then', async () => {
  answer('post', '/ui/task_runs/dashboard/counts', [
    { completed: 6, failed: 0 },
    { completed: 3, failed: 1 },
  ])
  await showPage('/dashboard?activity=task-runs')
  expect(await screen.findByText('90.0 %')).toBeInTheDocument()
  expect(screen.getByRole('list', { name: 'Task runs by state' })).toHaveTextContent('9 completed')
  expect(history).toEqual([])
})

it('says why a run waits, once it is asked', async () => {
  answer('get', `/flow_runs/${run.id}/explain`, {
    id: run.id,
    name: run.name,
    state_type: 'SCHEDULED',
    state_name: 'Late',
    since: null,
    verdict: 'No worker is online.',
    causes: [
      { code: 'no_worker_online', severity: 'blocking', message: '', since: null, details: {}, remedy: 'Start one.' },
    ],
  })
  const { user } = await showPage('/dashboard')
  const [why] = await screen.findAllByRole('button', { name: `Why ${run.name} does not run` })
  await user.click(why as HTMLElement)
  expect(await screen.findByText('No worker is online. Start one.')).toBeInTheDocument()
  expect(why).toHaveAttribute('aria-expanded', 'true')
})

it('lays counts out over the time that they are of', () => {
  const bars = barsOf(
    [
      { completed: 1, failed: 2 },
      { completed: 0, failed: 0 },
    ],
    '2026-11-22T10:00:00.000Z',
    '2026-11-22T12:00:00.000Z',
  )
  expect(bars.map(({ start, total }) => [start, total])).toEqual([
    ['2026-11-22T10:00:00.000Z', 3],
    ['2026-11-22T11:00:00.000Z', 0],
  ])
})
