import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'

import { aPage, aPoolLoad, aQueueLoad, aWorker, aWorkPool, aWorkQueue } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const PAGE = '/work-pools/work-pool/office'

function answerPool(pool = aWorkPool(), load = aPoolLoad()) {
  answer('get', '/work_pools/office', pool)
  answer('post', '/work_pools/loads', [load])
  answer('post', '/flow_runs/paginate', aPage([]))
}

describe('the list', () => {
  it('shows what each pool has to do, and who does it', async () => {
    answer('post', '/work_pools/filter', [aWorkPool({ concurrency_limit: 3 })])
    answer('post', '/work_pools/count', 1)
    const queues = [aQueueLoad({ active_slots: 2 }), aQueueLoad({ id: 'other', is_paused: true })]
    answer('post', '/work_pools/loads', [aPoolLoad({ queues })])
    await showPage('/work-pools')
    const row = within((await screen.findByRole('link', { name: 'office' })).closest('tr') as HTMLElement)
    expect(await row.findByRole('meter', { name: 'Slots of office' })).toHaveAttribute('aria-valuetext', '2 of 3')
    expect(row.getByText('1 worker online')).toBeVisible()
    expect(row.getByText(/2 queues/)).toHaveTextContent('2 queues, 1 paused')
  })

  it('teaches what a pool is where there is none', async () => {
    answer('post', '/work_pools/filter', [])
    answer('post', '/work_pools/count', 0)
    answer('post', '/work_pools/loads', [])
    await showPage('/work-pools')
    expect(await screen.findByText(/ostinato worker start --pool my-pool/)).toBeVisible()
  })
})

describe('the page of a pool', () => {
  it('says why runs wait, and how a worker is started', async () => {
    const queue = aQueueLoad({ waiting: 1, waiting_since: '2026-11-22T09:00:00Z', last_polled: null })
    answerPool(aWorkPool({ status: 'NOT_READY' }), aPoolLoad({ workers_online: 0, queues: [queue] }))
    await showPage(PAGE)
    const banner = within(await screen.findByRole('region', { name: 'Why runs wait' }))
    expect(banner.getByText(/No worker asks for runs/)).toBeVisible()
    expect(banner.getByText(/ostinato worker start --pool office/)).toBeVisible()
  })

  it('is deleted by its name only, after it has said what happens', async () => {
    answerPool()
    answer('post', '/deployments/count', 2)
    answer('post', '/flow_runs/count', 5)
    const deleted = answer('delete', '/work_pools/office', null, 200)
    const { user, router } = await showPage(PAGE)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    const dialog = within(await screen.findByRole('dialog'))
    expect(await dialog.findByText(/2 deployments will have no work pool.*5 scheduled runs will not/)).toBeVisible()
    expect(dialog.getByRole('button', { name: 'Delete the work pool' })).toBeDisabled()
    answer('post', '/work_pools/filter', [])
    answer('post', '/work_pools/count', 0)
    await user.type(dialog.getByLabelText('Type office to go on'), 'office')
    await user.click(dialog.getByRole('button', { name: 'Delete the work pool' }))
    await expect.poll(() => deleted).toHaveLength(1)
    await expect.poll(() => router.state.location.pathname).toBe('/work-pools')
  })

  it('tells what each worker runs now', async () => {
    answerPool()
    answer('post', '/work_pools/office/workers/filter', [aWorker(), aWorker({ id: 'other', name: 'idle' })])
    const run = { id: 'run', name: 'ivory-fox', state_type: 'RUNNING', state_name: 'Running', state_timestamp: null }
    answer('post', '/work_pools/office/workers/flow_runs', [
      { worker_name: 'desk', flow_run_count: 4, flow_runs: [run] },
    ])
    await showPage(`${PAGE}?tab=workers`)
    const row = within((await screen.findByRole('link', { name: 'desk' })).closest('tr') as HTMLElement)
    expect(await row.findByRole('link', { name: 'ivory-fox' })).toBeVisible()
    expect(row.getByText('and 3 more')).toBeVisible()
    expect(screen.getByText('runs nothing')).toBeVisible()
  })
})

describe('work queues', () => {
  const queues = [
    aWorkQueue({ id: 'a', name: 'first', priority: 1 }),
    aWorkQueue({ id: 'b', name: 'second', priority: 4 }),
  ]

  it('change places: the one below gets the priority of the one above', async () => {
    answerPool()
    answer('post', '/work_pools/office/queues/filter', queues)
    const moved = answer('patch', '/work_pools/office/queues/second', null)
    const { user } = await showPage(`${PAGE}?tab=queues`)
    await user.click(await screen.findByRole('button', { name: 'Serve first later' }))
    await expect.poll(() => moved).toEqual([{ priority: 1 }])
    expect(screen.getByRole('button', { name: 'Serve first earlier' })).toBeDisabled()
    screen.getByRole('group', { name: /Priority of second/ }).focus()
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}')
    await expect.poll(() => moved).toEqual([{ priority: 1 }, { priority: 1 }])
  })

  it('are made in a dialog, without a limit where none is typed', async () => {
    answerPool()
    answer('post', '/work_pools/office/queues/filter', queues)
    const made = answer('post', '/work_pools/office/queues', aWorkQueue(), 201)
    const { user } = await showPage(`${PAGE}?tab=queues`)
    await user.click(await screen.findByRole('button', { name: 'New work queue' }))
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByLabelText('Name'), 'urgent')
    await user.click(dialog.getByRole('button', { name: 'Save' }))
    await expect.poll(() => made).toEqual([{ name: 'urgent', description: '', concurrency_limit: null }])
  })

  it('show the runs that wait in them', async () => {
    answerPool()
    answer('get', '/work_pools/office/queues/first', aWorkQueue({ name: 'first' }))
    const asked = answer('post', '/flow_runs/paginate', aPage([]))
    await showPage(`${PAGE}/queue/first`)
    expect(await screen.findByText('No run is scheduled')).toBeVisible()
    expect(asked).toMatchObject([
      {
        flow_runs: { state: { type: { any_: ['SCHEDULED'] } } },
        work_pools: { name: { any_: ['office'] } },
        work_pool_queues: { name: { any_: ['first'] } },
      },
    ])
  })
})

describe('a new work pool', () => {
  const template = {
    job_configuration: { working_dir: '{{ working_dir }}' },
    variables: { properties: { working_dir: { type: 'string', title: 'Working folder' } } },
  }
  const types = {
    prefect: {
      process: { type: 'process', display_name: 'Process', description: '', default_base_job_configuration: template },
    },
  }

  it('is made in three steps, with defaults by a form', async () => {
    answer('get', '/collections/views/aggregate-worker-metadata', types)
    const made = answer('post', '/work_pools/', aWorkPool(), 201)
    const { user, router } = await showPage('/work-pools/new')
    await user.click(await screen.findByRole('link', { name: 'Process' }))
    await user.type(await screen.findByLabelText('Name'), 'office')
    await user.type(screen.getByLabelText('Concurrency limit'), '3')
    await user.click(screen.getByRole('button', { name: 'Next' }))
    expect(router.state.location.search).toEqual({ type: 'process', step: 'template' })
    await user.type(await screen.findByLabelText('Working folder'), '/srv')
    answerPool()
    answer('post', '/work_pools/office/workers/filter', [])
    answer('post', '/work_pools/office/workers/flow_runs', [])
    await user.click(screen.getByRole('button', { name: 'Create the work pool' }))
    await expect
      .poll(() => made)
      .toMatchObject([
        {
          name: 'office',
          type: 'process',
          concurrency_limit: 3,
          base_job_template: { variables: { properties: { working_dir: { default: '/srv' } } } },
        },
      ])
    await expect.poll(() => router.state.location.pathname).toBe(PAGE)
  })

  it('says what the server has against it', async () => {
    answer('get', '/collections/views/aggregate-worker-metadata', types)
    answer('post', '/work_pools/', { detail: 'A work pool with this name already exists.' }, 409)
    const { user } = await showPage('/work-pools/new?type=process')
    await user.type(await screen.findByLabelText('Name'), 'office')
    await user.click(screen.getByRole('button', { name: 'Next' }))
    await user.click(await screen.findByRole('button', { name: 'Create the work pool' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('already exists')
  })
})

it('writes only what was changed of a work pool', async () => {
  answerPool(aWorkPool({ base_job_template: {} }))
  const changed = answer('patch', '/work_pools/office', null)
  const { user } = await showPage(`${PAGE}/edit`)
  await user.type(await screen.findByLabelText('Concurrency limit'), '5')
  await user.click(screen.getByRole('button', { name: 'Save the work pool' }))
  await expect.poll(() => changed).toEqual([{ concurrency_limit: 5 }])
})
