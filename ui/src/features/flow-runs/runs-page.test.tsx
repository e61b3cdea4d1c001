// The plot, the filters that are kept, and the task runs of the runs page.
import { fireEvent, screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'

import { writeStored } from '@/lib/storage'
import { aFlowRun, aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const SINCE = '2026-11-22T00:00:00.000Z'
const UNTIL = '2026-11-22T10:00:00.000Z'
const DAY = `/runs?since=${SINCE}&until=${UNTIL}`

function aPoint(id: string, timestamp: string, duration: number) {
  return { id, name: `run ${id}`, state_type: 'FAILED', state_name: 'Failed', timestamp, duration, lateness: 0 }
}

beforeEach(() => {
  writeStored('runs.default-filter', undefined)
  answer('post', '/bulk_jobs/filter', [])
  answer('post', '/flows/filter', [])
  answer('post', '/flow_runs/paginate', aPage([aFlowRun()]))
  answer('post', '/ui/flow_runs/history', [
    aPoint('late', '2026-11-22T08:00:00Z', 60),
    aPoint('early', '2026-11-22T02:00:00Z', 5),
  ])
})

it('tells the runs of the plot by keys, in order of time, and opens one', async () => {
  answer('get', '/flow_runs/:id', aFlowRun({ name: 'run early' }))
  const { router, user } = await showPage(DAY)
  const plot = await screen.findByRole('application', { name: /2 runs by start and duration/ })
  plot.focus()
  await user.keyboard('{ArrowRight}')
  expect(await screen.findByText(/run early, Failed, 5s/)).toBeInTheDocument()
  await user.keyboard('{ArrowRight}')
  expect(await screen.findByText(/run late, Failed, 1m/)).toBeInTheDocument()
  await user.keyboard('{Home}{Enter}')
  await expect.poll(() => router.state.location.pathname).toBe('/runs/flow-run/early')
})

it('narrows the time to what is drawn over, in the address', async () => {
  const { router } = await showPage(DAY)
  const plot = await screen.findByRole('application')
  vi.spyOn(plot, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 1000, 100))
  vi.spyOn(plot, 'clientWidth', 'get').mockReturnValue(1000)
  fireEvent.pointerDown(plot, { clientX: 100, button: 0, pointerId: 1 })
  fireEvent.pointerMove(plot, { clientX: 300, pointerId: 1 })
  fireEvent.pointerUp(plot, { clientX: 300, pointerId: 1 })
  await expect
    .poll(() => router.state.location.search)
    .toEqual({ since: '2026-11-22T01:00:00.000Z', until: '2026-11-22T03:00:00.000Z' })
})

it('asks for the points by the filters of the page, and for no whole runs', async () => {
  const points = answer('post', '/ui/flow_runs/history', [])
  await showPage('/runs?states=["FAILED"]&pool=k8s&subflows=hide')
  await expect.poll(() => points).toHaveLength(1)
  expect(points[0]).toMatchObject({
    flow_runs: { state: { type: { any_: ['FAILED'] } }, parent_task_run_id: { is_null_: true } },
    work_pools: { name: { any_: ['k8s'] } },
    limit: 1000,
  })
})

it('filters by a flow that is found by its name on the server', async () => {
  const asked = answer('post', '/flows/paginate', aPage([{ id: 'f9', name: 'etl' }]))
  const { router, user } = await showPage('/runs')
  await user.click(await screen.findByRole('button', { name: 'Filter' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Flow…' }))
  await user.type(await screen.findByRole('searchbox', { name: 'Name of the flow' }), 'et')
  await expect.poll(() => asked.at(-1)).toMatchObject({ flows: { name: { like_: 'et' } } })
  await user.click(await screen.findByRole('button', { name: 'etl' }))
  expect(router.state.location.search).toEqual({ flow: 'f9' })
})

it('saves filters under a name, applies them, and begins with them where that is wanted', async () => {
  const stored = {
    id: 's1',
    created: null,
    updated: null,
    name: 'broken',
    filters: [{ object: 'ostinato.runs', property: 'states', type: 'search', operation: 'is', value: ['FAILED'] }],
  }
  answer('post', '/saved_searches/filter', [stored, { ...stored, id: 's2', name: 'not ours', filters: [] }])
  const saved = answer('put', '/saved_searches/', stored)
  const { router, user } = await showPage('/runs?tags=["prod"]&limit=100')
  await user.click(await screen.findByRole('button', { name: 'Saved filters' }))
  await user.type(screen.getByRole('textbox', { name: 'Save the filters of this page as' }), 'mine')
  await user.click(screen.getByRole('button', { name: 'Save' }))
  await expect
    .poll(() => saved)
    .toEqual([
      {
        name: 'mine',
        filters: [{ object: 'ostinato.runs', property: 'tags', type: 'search', operation: 'is', value: ['prod'] }],
      },
    ])
  expect(screen.queryByText('not ours')).toBeNull()
  await user.click(await screen.findByRole('button', { name: 'Begin with broken in this browser' }))
  await user.click(screen.getByRole('button', { name: /^broken/ }))
  expect(router.state.location.search).toEqual({ states: ['FAILED'], limit: 100 })
  await router.navigate({ to: '/runs', search: {} } as never)
  await expect.poll(() => router.state.location.search).toEqual({ states: ['FAILED'] })
})

it('lists task runs by the same filters, with the flow runs that they belong to', async () => {
  const run = { ...aFlowRun(), id: 't1', name: 'load-0', flow_run_id: 'r1', state: null }
  const asked = answer('post', '/task_runs/paginate', aPage([run]))
  answer('post', '/flow_runs/filter', [{ id: 'r1', name: 'ivory-fox' }])
  await showPage('/runs?tab=task-runs&states=["FAILED"]&subflows=hide')
  expect(await screen.findByRole('link', { name: 'load-0' })).toBeInTheDocument()
  expect(await screen.findByRole('link', { name: 'ivory-fox' })).toBeInTheDocument()
  expect(asked[0]).toMatchObject({
    task_runs: { state: { type: { any_: ['FAILED'] } }, subflow_runs: { exists_: false } },
    sort: 'EXPECTED_START_TIME_DESC',
  })
  expect(document.title).toBe('Task runs · Ostinato')
})
