// The page of a flow run.
import { screen, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { beforeEach, describe, expect, it } from 'vitest'

import { anEvent } from '@/test/cloud-objects'
import { aFlowRun, anArtifact, aState } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer, server } from '@/test/server'

const RUN = aFlowRun()
const ADDRESS = `/runs/flow-run/${RUN.id}`
const LINE = {
  id: 'l1',
  created: null,
  updated: null,
  name: 'flow',
  level: 20,
  message: 'first line',
  timestamp: '2026-11-22T10:00:01Z',
  flow_run_id: RUN.id,
  task_run_id: null,
}

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
  answer('post', '/ui/logs/page', { lines: [LINE], task_run_names: {}, next: null })
})

/** Answer with an event those that ask for its name, and others with none; returns the filters by that name. */
function answerEvents(name: string, event: object): unknown[] {
  const asked: unknown[] = []
  server.use(
    http.post('*/api/events/filter', async ({ request }) => {
      const { filter } = (await request.json()) as { filter: { event: { name: string[] } } } // as both panels ask
      const isIt = filter.event.name.includes(name)
      if (isIt) asked.push(filter)
      return HttpResponse.json({ events: isIt ? [event] : [], total: isIt ? 1 : 0, next_page: null })
    }),
  )
  return asked
}

it('says in words what happened, and names the tab after the run', async () => {
  await showPage(ADDRESS)
  expect(await screen.findByRole('heading', { name: /ivory-fox/ })).toBeInTheDocument()
  expect(screen.getByText(/and took/)).toHaveTextContent(/^Started .* ago and took 1m 5s\.$/)
  expect(document.title).toBe('ivory-fox · Ostinato')
  expect(await screen.findByText('first line')).toBeInTheDocument()
})

it('shows why it failed', async () => {
  answer('get', '/flow_runs/:id', {
    ...RUN,
    state_type: 'FAILED',
    state_name: 'Failed',
    state: aState('FAILED', 'Failed', 'ValueError: no price'),
  })
  await showPage(ADDRESS)
  expect(await screen.findByText('ValueError: no price')).toBeInTheDocument()
})

it('says that what it shows came late, and what was lost', async () => {
  const payload = {
    cause: 'server-away',
    since: '2026-11-22T10:00:10Z',
    until: '2026-11-22T10:00:40Z',
    events: 12,
    log_lines: 1,
    lost_events: 0,
    lost_log_lines: 3,
  }
  const asked = answerEvents('ostinato.flow-run.reported-late', { id: 'e1', payload })
  await showPage(ADDRESS)
  const notice = await screen.findByRole('note')
  expect(notice).toHaveTextContent(/^The server was away while this ran, from .* to .*\./)
  expect(notice).toHaveTextContent(
    '12 events and 1 log line were kept and told later; 0 events and 3 log lines were lost.',
  )
  expect(asked).toMatchObject([{ resource: { id: [`prefect.flow-run.${RUN.id}`] } }])
})

it('tells which agreements it has violated', async () => {
  const sla = { id: 's1', name: 'done by nine', severity: 'high' }
  const payload = { sla, deadline: '2026-11-22T09:00:00Z' }
  const asked = answerEvents(
    'prefect.sla.violation',
    anEvent('prefect.sla.violation', { 'prefect.resource.id': `prefect.flow-run.${RUN.id}` }, payload),
  )
  await showPage(ADDRESS)
  const violated = within(await screen.findByRole('list', { name: 'Violations' }))
  expect(violated.getByRole('link', { name: 'done by nine' })).toHaveAttribute('href', '/slas/sla/s1')
  expect(asked).toMatchObject([{ resource: { id: [`prefect.flow-run.${RUN.id}`] } }])
})

it('leads to the run that called it', async () => {
  const task = '01a20505-0000-7000-8000-0000000000d1'
  answer('get', '/flow_runs/:id', { ...RUN, parent_task_run_id: task })
  answer('get', '/ui/task_runs/:id', { id: task, flow_run_id: task, flow_run_name: 'calm-owl' })
  await showPage(ADDRESS)
  expect(await screen.findByRole('link', { name: 'calm-owl' })).toHaveAttribute('href', `/runs/flow-run/${task}`)
})

it('filters, sorts and pages its task runs on the server, as the address says', async () => {
  const asked = answer('post', '/task_runs/paginate', { results: [], count: 0, pages: 0, page: 1, limit: 50 })
  const { router, user } = await showPage(`${ADDRESS}?tab=task-runs&task=load`)
  expect(await screen.findByText('No task run matches')).toBeInTheDocument()
  await user.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Failed')
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Order' }), 'By name')
  await expect
    .poll(() => asked.at(-1))
    .toMatchObject({ task_runs: { name: { like_: 'load' }, state: { type: { any_: ['FAILED'] } } }, sort: 'NAME_ASC' })
  expect(router.state.location.search).toMatchObject({ task: 'load', state: 'FAILED', order: 'NAME_ASC' })
})

it('explains why a run waits', async () => {
  answer('get', '/flow_runs/:id', {
    ...RUN,
    state_type: 'SCHEDULED',
    state_name: 'Late',
    start_time: null,
    end_time: null,
  })
  answer('get', '/flow_runs/:id/explain', {
    id: RUN.id,
    name: RUN.name,
    state_type: 'SCHEDULED',
    state_name: 'Late',
    since: null,
    verdict: 'No worker serves the pool.',
    causes: [
      {
        code: 'no_worker_ever',
        severity: 'error',
        message: 'No worker has ever asked.',
        since: null,
        details: {},
        remedy: 'Start one.',
      },
    ],
  })
  await showPage(ADDRESS)
  expect(await screen.findByText('No worker serves the pool.')).toBeInTheDocument()
  expect(screen.getByText(/Start one\./)).toBeInTheDocument()
})

it('lists what the run and its tasks have left, in a tab that the address names', async () => {
  const task = '01a20505-0000-7000-8000-0000000000d1'
  const artifacts = [
    anArtifact(),
    anArtifact({ id: task, key: 'loading', type: 'progress', data: 70, task_run_id: task }),
  ]
  const asked = answer('post', '/artifacts/filter', artifacts)
  await showPage(`${ADDRESS}?tab=artifacts`)
  const link = await screen.findByRole('link', { name: 'report' })
  expect(link).toHaveAttribute('href', `/artifacts/artifact/${artifacts[0]?.id}`)
  expect(screen.getByRole('meter')).toHaveAttribute('aria-valuenow', '70')
  expect(screen.getByRole('link', { name: 'A task' })).toHaveAttribute('href', `/runs/task-run/${task}`)
  expect(asked).toMatchObject([{ artifacts: { flow_run_id: { any_: [RUN.id] } } }])
})

describe('what can be done', () => {
  const ACCEPTED = { status: 'ACCEPT', state: null, details: { type: 'accept_details' }, cascaded: null }

  it('cancels what runs, once that is confirmed', async () => {
    answer('get', '/flow_runs/:id', { ...RUN, state_type: 'RUNNING', state_name: 'Running', end_time: null })
    const asked = answer('post', '/flow_runs/:id/set_state', ACCEPTED)
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(asked).toEqual([])
    await user.click(await screen.findByRole('button', { name: 'Cancel the run' }))
    expect(await screen.findByText('Cancelling ivory-fox')).toBeInTheDocument()
    expect(asked).toEqual([{ state: { type: 'CANCELLING', name: 'Cancelling' }, force: false }])
  })

  it('says why the server refuses', async () => {
    answer('get', '/flow_runs/:id', { ...RUN, deployment_id: RUN.id })
    answer('post', '/deployments/filter', [])
    answer('post', '/flow_runs/:id/set_state', {
      status: 'REJECT',
      state: null,
      details: { type: 'reject_details', reason: 'It has no retries left.' },
      cascaded: null,
    })
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Retry' }))
    expect(await screen.findByText('It has no retries left.')).toBeInTheDocument()
  })

  it('offers no retry to a run that nobody would start', async () => {
    await showPage(ADDRESS)
    await screen.findByText('first line')
    expect(screen.queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument()
  })

  describe('of a paused run', () => {
    const state = aState('PAUSED', 'Paused', '')
    const asking = {
      ...state,
      state_details: {
        ...state.state_details,
        run_input_keyset: {
          schema: 'paused-1-schema',
          response: 'paused-1-response',
          description: 'paused-1-description',
        },
      },
    }
    const paused = { ...RUN, state_type: 'PAUSED', state_name: 'Paused', end_time: null }

    beforeEach(() => {
      answer('get', '/flow_runs/:id/explain', { verdict: 'It is paused.', causes: [] })
      answer('get', '/flow_runs/:id/input/paused-1-description', 'Is it *right*?')
      answer('get', '/flow_runs/:id/input/paused-1-schema', {
        required: ['approved', 'amount'],
        properties: {
          approved: { type: 'boolean', title: 'Approved', position: 0 },
          amount: { type: 'integer', title: 'Amount', default: 5, position: 1 },
        },
      })
    })

    it('goes on at once where nothing is asked', async () => {
      answer('get', '/flow_runs/:id', { ...paused, state })
      const asked = answer('post', '/flow_runs/:id/resume', ACCEPTED)
      const { user } = await showPage(ADDRESS)
      await user.click(await screen.findByRole('button', { name: 'Resume' }))
      expect(await screen.findByText('ivory-fox goes on')).toBeInTheDocument()
      expect(asked).toEqual([{ run_input: null }])
    })

    it('goes on with what was typed into the form that it asks for', async () => {
      answer('get', '/flow_runs/:id', { ...paused, state: asking })
      const asked = answer('post', '/flow_runs/:id/resume', ACCEPTED)
      const { user } = await showPage(ADDRESS)
      await user.click(await screen.findByRole('button', { name: 'Resume…' }))
      expect(await screen.findByText('right')).toHaveProperty('tagName', 'EM')
      await user.click(await screen.findByRole('button', { name: 'Resume' }))
      expect(screen.getByText('A value is needed.')).toBeInTheDocument()
      expect(asked).toEqual([])
      await user.selectOptions(screen.getByLabelText('Approved (required)'), 'Yes')
      await user.click(screen.getByRole('button', { name: 'Resume' }))
      await expect.poll(() => asked).toEqual([{ run_input: { approved: true, amount: 5 } }])
    })

    it('keeps what was typed where the server refuses it, and says why', async () => {
      answer('get', '/flow_runs/:id', { ...paused, state: asking })
      const details = { type: 'abort_details', reason: 'Amount is too large.' }
      answer('post', '/flow_runs/:id/resume', { ...ACCEPTED, status: 'REJECT', details })
      const { user } = await showPage(ADDRESS)
      await user.click(await screen.findByRole('button', { name: 'Resume…' }))
      await user.selectOptions(await screen.findByLabelText('Approved (required)'), 'No')
      await user.click(screen.getByRole('button', { name: 'Resume' }))
      expect(await screen.findByRole('alert')).toHaveTextContent('Amount is too large.')
      expect(screen.getByLabelText('Approved (required)')).toHaveValue('false')
    })
  })

  it('puts it into a state by hand, with a reason', async () => {
    const asked = answer('post', '/flow_runs/:id/set_state', ACCEPTED)
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'More' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Change the state' }))
    expect(await screen.findByRole('combobox', { name: 'State' })).not.toHaveTextContent('Completed')
    await user.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Cancelled')
    await user.type(screen.getByLabelText('Message'), 'wrong data')
    await user.click(screen.getByRole('button', { name: 'Change to Cancelled' }))
    const state = { type: 'CANCELLED', name: 'Cancelled', message: 'wrong data' }
    await expect.poll(() => asked).toEqual([{ state, force: true }])
  })

  it('makes a new run of what it was given, with what is changed of it', async () => {
    const parameters = { customer: 'acme', limit: 3 }
    const copied = { ...RUN, deployment_id: RUN.id, parameters, job_variables: { cpu: 2 } }
    answer('get', '/flow_runs/:id', copied)
    answer('post', '/deployments/filter', [])
    answer('get', '/deployments/:id', {
      id: RUN.id,
      name: 'nightly',
      tags: [],
      work_pool_name: null,
      enforce_parameter_schema: true,
      parameters: { limit: 1 },
      parameter_openapi_schema: { properties: { customer: { type: 'string' }, limit: { type: 'integer' } } },
    })
    answer('post', '/ui/schemas/validate', { errors: [], valid: true })
    const asked = answer('post', '/deployments/:id/create_flow_run', copied, 201)
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'More' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Copy to a new run' }))
    const limit = await screen.findByLabelText('limit')
    expect(limit).toHaveValue('3')
    await user.clear(limit)
    await user.type(limit, '4')
    await user.click(screen.getByRole('button', { name: 'Run' }))
    await expect.poll(() => asked).toEqual([{ parameters: { customer: 'acme', limit: 4 }, job_variables: { cpu: 2 } }])
  })
})
