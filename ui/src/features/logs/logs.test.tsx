// The logs of a run: found on the server, followed as they come.
import { screen, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { writeStored } from '@/lib/storage'
import { aFlowRun } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer, server } from '@/test/server'
import { FakeSocket } from '@/test/socket'

const RUN = aFlowRun()
const TASK = '01a20505-0000-7000-8000-0000000000d1'
const ADDRESS = `/runs/flow-run/${RUN.id}`
const LINE = {
  id: '01a20505-0000-7000-8000-0000000000e1',
  created: null,
  updated: null,
  name: 'flow',
  level: 20,
  message: 'first line',
  timestamp: '2026-11-22T10:00:01Z',
  flow_run_id: RUN.id,
  task_run_id: null,
}
const RUNNING = { ...RUN, state_type: 'RUNNING', state_name: 'Running', end_time: null }
const pageOf = (lines: object[], next: object | null = null) => ({
  lines,
  task_run_names: { [TASK]: 'extract-0' },
  next,
})

beforeEach(() => {
  answer('get', '/flow_runs/:id', RUN)
  answer('get', '/flow_runs/:id/graph-v2', {
    start_time: null,
    end_time: null,
    root_node_ids: [],
    nodes: [],
    artifacts: [],
    states: [],
  })
  answer('post', '/flows/filter', [{ id: RUN.flow_id, name: 'etl' }])
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
})

it('reads what has ended from its start, and what runs from its end', async () => {
  const asked = answer('post', '/ui/logs/page', pageOf([LINE]))
  await showPage(ADDRESS)
  expect(await screen.findByText('first line')).toBeInTheDocument()
  expect(asked).toEqual([{ flow_run_id: RUN.id, sort: 'TIMESTAMP_ASC', after: null, limit: 500 }])
})

it('shows lines as they are logged', async () => {
  answer('get', '/flow_runs/:id', RUNNING)
  const asked = answer('post', '/ui/logs/page', pageOf([LINE]))
  await showPage(ADDRESS)
  await screen.findByText('first line')
  expect(asked).toMatchObject([{ sort: 'TIMESTAMP_DESC' }])
  await expect.poll(() => FakeSocket.all.some(({ url }) => url.endsWith('/logs/out'))).toBe(true)
  const socket = FakeSocket.all.find(({ url }) => url.endsWith('/logs/out'))
  socket?.welcome()
  expect(socket?.sent.at(-1)).toMatchObject({ type: 'filter', filter: { flow_run_id: { any_: [RUN.id] } } })
  socket?.tell({ type: 'log', log: { ...LINE, id: 'l2', message: 'second line', timestamp: '2026-11-22T10:00:02Z' } })
  expect(await screen.findByText('second line')).toBeInTheDocument()
})

it('asks the server for what the socket may have left out, once it is there', async () => {
  answer('get', '/flow_runs/:id', RUNNING)
  answer('post', '/ui/logs/page', pageOf([LINE]))
  await showPage(ADDRESS)
  await screen.findByText('first line')
  const missed = { ...LINE, id: 'l3', message: 'logged meanwhile', timestamp: '2026-11-22T10:00:03Z' }
  const asked = answer('post', '/ui/logs/page', pageOf([missed]))
  await expect.poll(() => FakeSocket.all.some(({ url }) => url.endsWith('/logs/out'))).toBe(true)
  FakeSocket.all.find(({ url }) => url.endsWith('/logs/out'))?.welcome()
  expect(await screen.findByText('logged meanwhile')).toBeInTheDocument()
  expect(asked).toMatchObject([{ sort: 'TIMESTAMP_ASC', after: { timestamp: LINE.timestamp, id: LINE.id } }])
})

it('searches on the server by words, expressions, level and task, as the address says', async () => {
  const asked = answer('post', '/ui/logs/page', pageOf([{ ...LINE, task_run_id: TASK }]))
  const { router, user } = await showPage(`${ADDRESS}?q=line&match=pattern&level=warning`)
  const lines = await screen.findByRole('log')
  expect(asked).toMatchObject([{ pattern: 'line', level: 30 }])
  expect(within(lines).getByText('line')).toHaveProperty('tagName', 'MARK')
  await user.click(within(lines).getByRole('button', { name: 'extract-0' }))
  expect(await screen.findByText(/Only lines of/)).toHaveTextContent('Only lines of extract-0')
  expect(asked.at(-1)).toMatchObject({ task_run_id: TASK })
  await user.click(screen.getByRole('button', { name: 'Regular expression' }))
  await expect.poll(() => asked.at(-1)).toMatchObject({ text: { query: 'line' } })
  expect(router.state.location.search).toEqual({ q: 'line', level: 'warning', by: TASK })
})

it('goes on with a search until it is at the end', async () => {
  const place = { timestamp: '2026-11-22T11:00:00Z', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
  const answers = [pageOf([], place), pageOf([LINE])]
  const { http, HttpResponse } = await import('msw')
  const { server } = await import('@/test/server')
  const asked: unknown[] = []
  server.use(
    http.post('*/api/ui/logs/page', async ({ request }) => {
      asked.push(await request.json())
      return HttpResponse.json(answers.shift() ?? null)
    }),
  )
  await showPage(`${ADDRESS}?q=first`)
  expect(await screen.findByRole('log')).toHaveTextContent('first line')
  expect(asked).toMatchObject([{ after: null }, { after: place }])
})

it('reads on from a line that was found, with all others', async () => {
  const asked = answer('post', '/ui/logs/page', pageOf([LINE]))
  const { router, user } = await showPage(`${ADDRESS}?q=line`)
  await user.click(await screen.findByTitle(/read from here/))
  await expect.poll(() => asked.at(-1)).toMatchObject({ after: { timestamp: LINE.timestamp } })
  expect(asked.find((body) => (body as { text?: object; after: object | null }).after !== null)).not.toHaveProperty(
    'text',
  )
  expect(router.state.location.search).toEqual({ at: LINE.timestamp })
})

it('says what is wrong with an expression', async () => {
  answer('post', '/ui/logs/page', { detail: 'Invalid pattern: missing ): (a.' }, 422)
  await showPage(`${ADDRESS}?q=(a&match=pattern`)
  expect(await screen.findByText(/missing \): \(a\./)).toBeInTheDocument()
})

describe('the download', () => {
  const lines = (header: string | null) =>
    http.get('*/api/flow_runs/:id/logs/download', ({ request }) =>
      request.headers.get('Authorization') === header
        ? new HttpResponse('timestamp,level', {
            headers: { 'Content-Disposition': "attachment; filename*=UTF-8''ivory-fox%20logs.csv" },
          })
        : HttpResponse.json({ exception_message: 'Unauthorized' }, { status: 401 }),
    )

  it('is a plain link where nobody has logged in', async () => {
    answer('post', '/ui/logs/page', pageOf([LINE]))
    await showPage(ADDRESS)
    const link = await screen.findByRole('link', { name: 'Download' })
    expect(link).toHaveAttribute('href', expect.stringMatching(/\/api\/flow_runs\/.*\/logs\/download$/))
  })

  it('is asked for with the password of who has logged in, and saved by its name', async () => {
    answer('post', '/ui/logs/page', pageOf([LINE]))
    server.use(lines(`Basic ${btoa('ada:secret')}`))
    writeStored('auth', 'ada:secret')
    const saved: [string, Blob | undefined][] = []
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push([this.download, files.at(-1)])
    })
    const files: Blob[] = []
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: (file: Blob) => `blob:${files.push(file)}` }))
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Download' }))
    await expect.poll(() => saved.map(([name]) => name)).toEqual(['ivory-fox logs.csv'])
    expect(saved[0]?.[1]?.size).toBe('timestamp,level'.length)
  })

  it('says where it cannot be had', async () => {
    answer('post', '/ui/logs/page', pageOf([LINE]))
    server.use(
      http.get('*/api/flow_runs/:id/logs/download', () => HttpResponse.json({ detail: 'Busy.' }, { status: 503 })),
    )
    writeStored('auth', 'ada:secret')
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Download' }))
    expect(await screen.findByText('The logs could not be downloaded: Busy.')).toBeInTheDocument()
  })
})
