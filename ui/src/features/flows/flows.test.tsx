// Flows: how they do, what is asked for by the address, and what goes with one that is deleted.
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { sumsOf } from './sums'

const TIME = '2026-11-22T10:00:00Z'
const ETL = { id: 'f1', created: TIME, updated: TIME, name: 'etl', tags: ['core'], labels: {} }
const RUN = {
  id: 'r1',
  name: 'ivory-fox',
  state_type: 'CRASHED',
  state_name: 'Crashed',
  timestamp: TIME,
  duration: 5,
  lateness: 0,
}

beforeEach(() => {
  answer('post', '/flows/paginate', aPage([ETL]))
  answer('post', '/ui/flows/activity', { f1: { runs: [RUN], next_run: null } })
  answer('post', '/ui/flows/count-deployments', { f1: 3 })
  answer('get', '/flows/:id', ETL)
  answer('post', '/flow_runs/paginate', aPage([]))
  answer('post', '/flow_runs/history', [])
})

it('tells of each flow its last run and how many deployments it has', async () => {
  await showPage('/flows')
  const row = within(await screen.findByRole('row', { name: /etl/ }))
  expect(await row.findByText('Crashed')).toBeInTheDocument()
  expect(row.getByRole('link', { name: 'The only run: 1 crashed' })).toBeInTheDocument()
  const deployed = await row.findByRole('link', { name: '3 deployed' })
  expect(deployed).toHaveAttribute('href', expect.stringContaining('deployments?flow=f1'))
})

it('asks the server for what the address says', async () => {
  const asked = answer('post', '/flows/paginate', aPage([ETL], 300))
  const { router, user } = await showPage('/flows?name=e&tags=["core"]&deployed=no&sort=CREATED_DESC&page=3')
  await expect
    .poll(() => asked[0])
    .toMatchObject({
      flows: { name: { like_: 'e' }, tags: { all_: ['core'] }, deployment: { is_null_: true } },
      sort: 'CREATED_DESC',
      page: 3,
    })
  await user.selectOptions(screen.getByRole('combobox', { name: 'Deployments' }), 'yes')
  expect(router.state.location.search).toMatchObject({ deployed: 'yes', name: 'e' })
  await expect.poll(() => asked.at(-1)).toMatchObject({ flows: { deployment: { is_null_: false } }, page: 1 })
})

it('deletes flows only once it was said what goes with them, and typed', async () => {
  answer('post', '/deployments/count', 3)
  answer('post', '/flow_runs/count', 1204)
  answer('post', '/task_runs/count', 1)
  const deleted = answer('post', '/flows/bulk_delete', { deleted: ['f1'] })
  const { user } = await showPage('/flows')
  await user.click(await screen.findByRole('checkbox', { name: 'Select etl' }))
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  const dialog = within(await screen.findByRole('dialog', { name: 'Delete 1 flow?' }))
  expect(await dialog.findByText(/3 deployments, 1,204 runs and 1 task run/)).toBeInTheDocument()
  const verb = dialog.getByRole('button', { name: 'Delete the flow' })
  expect(verb).toBeDisabled()
  await user.type(dialog.getByRole('textbox'), 'delete')
  await user.click(verb)
  expect(await screen.findByText('Deleted 1 flow')).toBeInTheDocument()
  expect(deleted).toEqual([{ flows: { id: { any_: ['f1'] } } }])
})

it('tells on its page how a flow does, and for which time in the address', async () => {
  const sum = { state_name: 'x', count_runs: 1, sum_estimated_run_time: 30, sum_estimated_lateness: 0 }
  const states = [
    { ...sum, state_type: 'COMPLETED', count_runs: 3 },
    { ...sum, state_type: 'FAILED' },
  ]
  const asked = answer('post', '/flow_runs/history', [{ interval_start: TIME, interval_end: TIME, states }])
  const { router, user } = await showPage('/flows/flow/f1')
  expect(await screen.findByText(/^3 \(75 %/)).toBeInTheDocument()
  expect(screen.getByText('15s')).toBeInTheDocument()
  await user.selectOptions(screen.getByRole('combobox', { name: 'Time of the sums' }), '24h')
  expect(router.state.location.search).toMatchObject({ range: '24h' })
  await expect
    .poll(() => asked.at(-1))
    .toMatchObject({
      flows: { id: { any_: ['f1'] } },
      history_interval_seconds: 86_400,
    })
})

it('counts no run that has not begun into the means', () => {
  const state = { state_name: '', sum_estimated_run_time: 0, sum_estimated_lateness: 0 }
  const sums = sumsOf([
    { ...state, state_type: 'SCHEDULED', count_runs: 10, sum_estimated_lateness: 999 },
    { ...state, state_type: 'COMPLETED', count_runs: 2, sum_estimated_run_time: 8 },
  ])
  expect(sums).toMatchObject({ runs: 12, completed: 2, wrong: 0, meanTime: 4, meanLateness: 0 })
  expect(sumsOf([])).toMatchObject({ runs: 0, meanTime: null })
})
