// The page of a task run.
import { screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { anArtifact } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const ID = '01a20505-0000-7000-8000-0000000000d1'
const BEFORE = '01a20505-0000-7000-8000-0000000000d2'
const FLOW_RUN = '01a20505-0000-7000-8000-000000000001'
const TASK = {
  id: ID,
  name: 'transform-0',
  flow_run_id: FLOW_RUN,
  flow_run_name: 'ivory-fox',
  state_type: 'COMPLETED',
  state_name: 'Completed',
  state: null,
  tags: [],
  start_time: '2026-11-22T10:00:00Z',
  end_time: '2026-11-22T10:00:05Z',
  total_run_time: 5,
  run_count: 1,
  empirical_policy: {},
  task_inputs: { price: [{ input_type: 'task_run', id: BEFORE }], rate: [] },
}
const ADDRESS = `/runs/task-run/${ID}`

beforeEach(() => {
  answer('get', '/ui/task_runs/:id', TASK)
  answer('post', '/ui/logs/page', { lines: [], task_run_names: {}, next: null })
})

it('shows its own lines only', async () => {
  const asked = answer('post', '/ui/logs/page', { lines: [], task_run_names: {}, next: null })
  await showPage(ADDRESS)
  expect(await screen.findByText('Nothing was logged')).toBeInTheDocument()
  expect(asked).toMatchObject([{ task_run_id: ID }])
  expect(screen.getByText(/and took/)).toHaveTextContent(/and took 5s\.$/)
})

it('leads to the tasks that its inputs came from', async () => {
  answer('post', '/task_runs/filter', [{ id: BEFORE, name: 'extract-0' }])
  await showPage(`${ADDRESS}?tab=inputs`)
  expect(await screen.findByRole('link', { name: 'extract-0' })).toHaveAttribute('href', `/runs/task-run/${BEFORE}`)
  expect(screen.getByText('a value')).toBeInTheDocument()
})

it('lists what it left', async () => {
  const asked = answer('post', '/artifacts/filter', [anArtifact()])
  await showPage(`${ADDRESS}?tab=artifacts`)
  expect(await screen.findByRole('link', { name: 'report' })).toBeInTheDocument()
  expect(asked).toMatchObject([{ artifacts: { task_run_id: { any_: [ID] } } }])
})

it('is put into a state by hand', async () => {
  const asked = answer('post', '/task_runs/:id/set_state', { status: 'ACCEPT', state: null, details: {} })
  const { user } = await showPage(ADDRESS)
  await user.click(await screen.findByRole('button', { name: 'More' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Change the state' }))
  await user.click(await screen.findByRole('button', { name: 'Change to Failed' }))
  await expect.poll(() => asked).toEqual([{ state: { type: 'FAILED', name: 'Failed' }, force: true }])
})

it('is deleted once that is confirmed, and leads back to its flow run', async () => {
  const asked = answer('delete', '/task_runs/:id', null)
  const { router, user } = await showPage(ADDRESS)
  await user.click(await screen.findByRole('button', { name: 'More' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
  expect(asked).toEqual([])
  await user.click(await screen.findByRole('button', { name: 'Delete the task run' }))
  await expect.poll(() => router.state.location.pathname).toBe(`/runs/flow-run/${FLOW_RUN}`)
  expect(asked).toHaveLength(1)
})
