// The picture of a run: by time at first, as a graph where that is asked for.
import { screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { aFlowRun } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'
import { FakeSocket } from '@/test/socket'

const RUN = aFlowRun()
const ADDRESS = `/runs/flow-run/${RUN.id}`
const node = (index: number, changes: object = {}) => {
  const id = `01a20505-0000-7000-8000-${String(index).padStart(12, '0')}`
  const times = { start_time: '2026-11-22T10:00:01Z', end_time: '2026-11-22T10:00:02Z' }
  const edges = { parents: [], children: [], encapsulating: [], artifacts: [] }
  return [id, { id, kind: 'task-run', label: `task-${index}`, state_type: 'COMPLETED', ...times, ...edges, ...changes }]
}
const graphOf = (nodes: unknown[]) => ({
  start_time: '2026-11-22T10:00:00Z',
  end_time: null,
  root_node_ids: [],
  nodes,
  artifacts: [],
  states: [],
})

beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = () => null
  answer('get', '/flow_runs/:id', RUN)
  answer('post', '/flows/filter', [{ id: RUN.flow_id, name: 'etl' }])
  answer('post', '/ui/logs/page', { lines: [], task_run_names: {}, next: null })
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
})

it('asks before it draws the graph of very many', async () => {
  answer('get', '/flow_runs/:id/graph-v2', graphOf(Array.from({ length: 1200 }, (_, index) => node(index))))
  const { router, user } = await showPage(ADDRESS)
  expect(await screen.findByRole('region', { name: 'Time-line of 1200 runs' })).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Graph' }))
  expect(router.state.location.search).toEqual({ view: 'graph' })
  await user.click(await screen.findByRole('button', { name: 'Show the graph of 1,200 runs' }))
  const graph = await screen.findByRole('application', { name: 'Graph of 1,200 runs' })
  graph.focus()
  await user.keyboard('{ArrowRight}')
  expect(await screen.findByRole('link', { name: 'task-0' })).toBeInTheDocument()
  await user.keyboard('{Enter}')
  await expect.poll(() => router.state.location.pathname).toBe(`/runs/task-run/${node(0)[0] as string}`)
})

it('asks only for what may have changed while it runs', async () => {
  answer('get', '/flow_runs/:id', { ...RUN, state_type: 'RUNNING', state_name: 'Running', end_time: null })
  const { http, HttpResponse } = await import('msw')
  const { server } = await import('@/test/server')
  const asked: (string | null)[] = []
  server.use(
    http.get('*/api/flow_runs/:id/graph-v2', ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('since'))
      return HttpResponse.json(graphOf([node(asked.length)]))
    }),
  )
  await showPage(ADDRESS)
  expect(await screen.findByRole('region', { name: 'Time-line of 1 runs' })).toBeInTheDocument()
  const socket = FakeSocket.all.findLast(({ url }) => url.endsWith('/events/out'))
  socket?.welcome()
  const news = () => socket?.sent.find((frame) => JSON.stringify(frame).includes('"prefect.task-run."'))
  await expect.poll(news).toBeDefined()
  const { channel } = news() as { channel: string }
  socket?.tell({ type: 'event', channel, event: { event: 'prefect.task-run.Completed' } })
  expect(await screen.findByRole('region', { name: 'Time-line of 2 runs' })).toBeInTheDocument()
  expect(asked).toEqual([null, '2026-11-22T09:59:02.000Z'])
})
