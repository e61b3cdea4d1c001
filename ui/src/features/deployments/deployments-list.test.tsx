// The list of deployments: what rows tell, what is asked for by the address, folders, and changes of many.
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import type { ListedDeployment } from '@/api/types'
import { aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const TIME = '2026-11-22T10:00:00Z'

function aListed(changes: Partial<ListedDeployment> = {}): ListedDeployment {
  return {
    id: 'd1',
    created: TIME,
    updated: TIME,
    name: 'nightly',
    flow_id: 'f1',
    flow_name: 'etl',
    paused: false,
    status: 'READY',
    last_polled: null,
    tags: ['team/etl'],
    schedules: [],
    work_pool_name: null,
    work_queue_name: null,
    ...changes,
  }
}

function aPoint(id: string, state_type: string, state_name: string) {
  return { id, name: `run ${id}`, state_type, state_name, timestamp: TIME, duration: 65, lateness: 0 }
}

beforeEach(() => {
  answer('post', '/ui/deployments/page', aPage([aListed(), aListed({ id: 'd2', name: 'hourly' })]))
  answer('post', '/ui/deployments/activity', { d1: { runs: [], next_run: null }, d2: { runs: [], next_run: null } })
})

it('tells what ran last and what comes next, by one request for all rows', async () => {
  const late = { id: 'r9', flow_id: 'f1', name: 'due', state_name: 'Late', state_type: 'SCHEDULED' }
  const asked = answer('post', '/ui/deployments/activity', {
    d1: {
      runs: [aPoint('c', 'SCHEDULED', 'Late'), aPoint('b', 'FAILED', 'Failed'), aPoint('a', 'COMPLETED', 'Completed')],
      next_run: { ...late, next_scheduled_start_time: TIME },
    },
    d2: { runs: [aPoint('x', 'SCHEDULED', 'Late')], next_run: null },
  })
  await showPage('/deployments')
  const bars = await screen.findByRole('link', { name: 'The last 3 runs: 1 late, 1 failed, 1 completed' })
  expect(bars).toHaveAttribute('href', expect.stringContaining('deployment=d1'))
  const row = within(screen.getByRole('row', { name: /nightly/ }))
  expect(row.getByText('Failed')).toBeInTheDocument()
  expect(row.getByText('Late')).toBeInTheDocument()
  expect(row.getByTitle('due')).toHaveTextContent(/due .* ago/)
  expect(screen.getByText('none of the last 1 has begun')).toBeInTheDocument()
  expect(asked).toEqual([{ ids: ['d1', 'd2'], runs: 16 }])
})

it('asks the server for what the address says', async () => {
  const asked = answer('post', '/ui/deployments/page', aPage([aListed()], 400))
  const { router, user } = await showPage(
    '/deployments?name=etl&tags=["a"]&pool=office&status=not-ready&sort=CREATED_DESC&page=2&limit=25',
  )
  await expect
    .poll(() => asked[0])
    .toMatchObject({
      deployments: {
        flow_or_deployment_name: { like_: 'etl' },
        tags: { all_: ['a'] },
        paused: { eq_: false },
        status: { any_: ['NOT_READY'] },
      },
      work_pools: { name: { any_: ['office'] } },
      sort: 'CREATED_DESC',
      page: 2,
      limit: 25,
    })
  await user.click(screen.getByRole('button', { name: 'Do not filter by work pool: office' }))
  await user.selectOptions(screen.getByRole('combobox', { name: 'Status' }), 'paused')
  expect(router.state.location.search).toMatchObject({ status: 'paused', name: 'etl', tags: ['a'] })
  expect(router.state.location.search).not.toHaveProperty('page', 2)
  expect(router.state.location.search).not.toHaveProperty('pool', 'office')
  await expect.poll(() => asked.at(-1)).toMatchObject({ deployments: { paused: { eq_: true } }, page: 1 })
})

it('opens folders in folders, and keeps the filters on the way', async () => {
  const folder = { path: 'team', name: 'team', deployments: 3, not_ready: 2, paused: 1 }
  const folders = answer('post', '/ui/deployments/folders', [folder])
  const listed = answer('post', '/ui/deployments/page', aPage([]))
  const { router, user } = await showPage('/deployments?name=etl')
  await user.click(await screen.findByRole('button', { name: 'In folders' }))
  await expect.poll(() => listed.at(-1)).toMatchObject({ deployments: { tags: { is_null_: true } } })
  await user.click(await screen.findByRole('link', { name: /team 3 deployments, 2 not served, 1 paused/ }))
  expect(router.state.location.search).toMatchObject({ name: 'etl', view: 'folders', folder: 'team' })
  await expect.poll(() => listed.at(-1)).toMatchObject({ deployments: { tags: { all_: ['team'] } } })
  await expect.poll(() => folders.at(-1)).toMatchObject({ under: 'team' })
  await user.click(within(screen.getByRole('navigation', { name: 'Folders above' })).getByText('All folders'))
  expect(router.state.location.search).toMatchObject({ name: 'etl', view: 'folders' })
})

it('pauses those that are ticked, in one request', async () => {
  const paused = answer('post', '/deployments/bulk_set_paused', { changed: ['d1', 'd2'] })
  const { user } = await showPage('/deployments')
  await user.click(await screen.findByRole('checkbox', { name: 'Select all on this page' }))
  const bar = within(screen.getByRole('group', { name: 'The selected deployments' }))
  expect(bar.getByRole('status')).toHaveTextContent('2 selected')
  await user.click(bar.getByRole('button', { name: 'Pause' }))
  expect(await screen.findByText('Paused 2 deployments')).toBeInTheDocument()
  expect(paused).toEqual([{ deployments: { id: { any_: ['d1', 'd2'] } }, paused: true }])
  expect(screen.queryByRole('group', { name: 'The selected deployments' })).not.toBeInTheDocument()
})

it('says what goes with those that are deleted, and asks before', async () => {
  answer('post', '/flow_runs/count', 7)
  const deleted = answer('post', '/deployments/bulk_delete', { deleted: ['d1'] })
  const { user } = await showPage('/deployments')
  await user.click(await screen.findByRole('checkbox', { name: 'Select nightly' }))
  await user.click(screen.getByRole('button', { name: 'Delete' }))
  const dialog = within(await screen.findByRole('dialog', { name: 'Delete 1 deployment?' }))
  expect(await dialog.findByText(/7 runs that have not begun are taken away; none has begun/)).toBeInTheDocument()
  expect(deleted).toEqual([])
  await user.click(dialog.getByRole('button', { name: 'Delete 1 deployment' }))
  expect(await screen.findByText('Deleted 1 deployment')).toBeInTheDocument()
  expect(deleted).toEqual([{ deployments: { id: { any_: ['d1'] } } }])
})

it('teaches where there are none, and gives a way out where none matches', async () => {
  answer('post', '/ui/deployments/page', aPage([]))
  const { router, user } = await showPage('/deployments?status=paused')
  await user.click(await screen.findByRole('button', { name: 'Clear the filters' }))
  expect(await screen.findByText('No deployments yet')).toBeInTheDocument()
  expect(router.state.location.search).not.toHaveProperty('status', 'paused')
})
