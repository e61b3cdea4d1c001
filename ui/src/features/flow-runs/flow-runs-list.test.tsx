// The runs page, by what is on the screen and in the address.
import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'

import { aBulkJob, aFlowRun, aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

beforeEach(() => {
  answer('post', '/bulk_jobs/filter', [])
  answer('post', '/ui/flow_runs/history', [])
  answer('post', '/flows/filter', [{ id: aFlowRun().flow_id, name: 'etl' }])
})

it('shows a run with its flow, its state and how long it took, and names the tab', async () => {
  answer('post', '/flow_runs/paginate', aPage([aFlowRun({ tags: ['prod'] })]))
  await showPage('/runs')
  const row = (await screen.findByRole('link', { name: 'ivory-fox' })).closest('tr') as HTMLElement
  expect(within(row).getByText('Completed')).toBeInTheDocument()
  expect(within(row).getByText('1m 5s')).toBeInTheDocument()
  expect(within(row).getByText('prod')).toBeInTheDocument()
  expect(await within(row).findByText('etl')).toBeInTheDocument()
  expect(document.title).toBe('Runs · Ostinato')
})

it('teaches how to make the first run where there is none', async () => {
  answer('post', '/flow_runs/paginate', aPage([]))
  await showPage('/runs')
  expect(await screen.findByText(/from ostinato import flow/)).toBeInTheDocument()
})

it('does not teach where filters hide what there is', async () => {
  answer('post', '/flow_runs/paginate', aPage([]))
  await showPage('/runs?states=["FAILED"]')
  expect(await screen.findByText('No run matches')).toBeInTheDocument()
})

it('says how to widen what finds nothing', async () => {
  answer('post', '/flow_runs/paginate', aPage([]))
  const { router, user } = await showPage('/runs?states=["FAILED"]&tags=["prod"]')
  await user.click(await screen.findByRole('button', { name: 'Without tag: prod' }))
  expect(router.state.location.search).toEqual({ states: ['FAILED'] })
  await user.click(await screen.findByRole('button', { name: 'Look at all so far' }))
  expect(router.state.location.search).toEqual({ states: ['FAILED'], range: 'all' })
})

it('keeps an error in its panel, and asks again when told to', async () => {
  answer('post', '/flow_runs/paginate', { detail: 'The database is away.' }, 503)
  const { user } = await showPage('/runs')
  expect(await screen.findByText('The database is away.')).toBeInTheDocument()
  expect(screen.getByRole('heading', { name: 'Runs' })).toBeInTheDocument()
  answer('post', '/flow_runs/paginate', aPage([aFlowRun()]))
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByRole('link', { name: 'ivory-fox' })).toBeInTheDocument()
})

describe('what is chosen stands in the address, and is asked of the server', () => {
  it('states', async () => {
    const asked = answer('post', '/flow_runs/paginate', aPage([aFlowRun()]))
    const { router, user } = await showPage('/runs')
    await user.click(await screen.findByRole('button', { name: 'All states' }))
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Failed' }))
    expect(router.state.location.search).toMatchObject({ states: ['FAILED'] })
    expect(asked.at(-1)).toMatchObject({ flow_runs: { state: { type: { any_: ['FAILED'] } } } })
  })

  it('a name, once the typing pauses', async () => {
    const asked = answer('post', '/flow_runs/paginate', aPage([aFlowRun()]))
    const { router, user } = await showPage('/runs')
    await user.type(await screen.findByRole('searchbox'), 'fox')
    await expect.poll(() => router.state.location.search).toMatchObject({ name: 'fox' })
    await expect.poll(() => asked.at(-1)).toMatchObject({ flow_runs: { name: { like_: 'fox' } } })
    expect(asked.filter((body) => JSON.stringify(body).includes('"like_":"f"'))).toEqual([])
  })

  it('the length of a page, which is kept on the next one', async () => {
    const asked = answer('post', '/flow_runs/paginate', { ...aPage([aFlowRun()], 500), limit: 100 })
    const { router, user } = await showPage('/runs')
    await user.selectOptions(await screen.findByRole('combobox', { name: 'Rows on a page' }), '100')
    await user.click(await screen.findByRole('button', { name: 'The next page' }))
    expect(router.state.location.search).toMatchObject({ limit: 100, page: 2 })
    await expect.poll(() => asked.at(-1)).toMatchObject({ limit: 100, page: 2 })
  })
})

describe('what is done to many', () => {
  const ALL = [
    aFlowRun({ id: 'r1', name: 'one', state_type: 'RUNNING', state_name: 'Running' }),
    aFlowRun({ id: 'r2', name: 'two', state_type: 'SCHEDULED', state_name: 'Scheduled' }),
    aFlowRun({ id: 'r3', name: 'three' }),
  ]

  beforeEach(() => {
    answer('post', '/flow_runs/paginate', aPage(ALL, 48_213))
  })

  function preview(matched: number) {
    const by_state = [{ state_type: 'RUNNING', count: matched }]
    return answer('post', '/bulk_jobs/preview', { matched, by_state, delete_delay: 30 })
  }

  it('deletes what is ticked by a job, once a question with the number is answered', async () => {
    const previewed = preview(2)
    const made = answer('post', '/bulk_jobs/', aBulkJob(), 201)
    const { user } = await showPage('/runs')
    await user.click(await screen.findByRole('checkbox', { name: 'Select two' }))
    await user.click(screen.getByRole('checkbox', { name: 'Select three' }))
    expect(screen.getByText('2 selected')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    expect(await screen.findByRole('heading', { name: 'Delete 2 runs?' })).toBeInTheDocument()
    expect(previewed).toEqual([{ flow_runs: { id: { any_: ['r2', 'r3'] } } }])
    expect(screen.getByText(/can be stopped until then/)).toBeInTheDocument()
    expect(made).toEqual([])
    await user.click(await screen.findByRole('button', { name: 'Delete 2 runs' }))
    await expect.poll(() => made).toEqual([{ flow_runs: { id: { any_: ['r2', 'r3'] } }, action: 'delete' }])
    await expect.poll(() => screen.queryByRole('group', { name: 'The selected runs' })).toBeNull()
  })

  it('cancels all that match, with the filters of the page and not with a list of runs', async () => {
    preview(48_213)
    const made = answer('post', '/bulk_jobs/', aBulkJob(), 201)
    const { user } = await showPage('/runs?flow=f1&states=["RUNNING"]')
    await user.click(await screen.findByRole('checkbox', { name: 'Select all on this page' }))
    await user.click(screen.getByRole('button', { name: 'Select all 48,213 that match' }))
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    await user.click(await screen.findByRole('button', { name: 'Cancel 48,213 runs' }))
    await expect.poll(() => made).toHaveLength(1)
    expect(made[0]).toMatchObject({
      action: 'cancel',
      flows: { id: { any_: ['f1'] } },
      flow_runs: { state: { type: { any_: ['RUNNING'] } } },
    })
  })

  it('sets a state with a message', async () => {
    preview(1)
    const made = answer('post', '/bulk_jobs/', aBulkJob(), 201)
    const { user } = await showPage('/runs')
    await user.click(await screen.findByRole('checkbox', { name: 'Select one' }))
    await user.click(screen.getByRole('button', { name: 'Set the state' }))
    await user.selectOptions(await screen.findByRole('combobox', { name: 'State' }), 'CANCELLED')
    await user.type(screen.getByRole('textbox', { name: 'Message' }), 'by hand')
    await user.click(screen.getByRole('button', { name: 'Set the state of 1 run' }))
    await expect
      .poll(() => made)
      .toMatchObject([{ action: 'set-state', state: { type: 'CANCELLED', message: 'by hand' }, force: false }])
  })

  it('shows how far a job is after the page was loaded anew, and stops it', async () => {
    answer('post', '/bulk_jobs/filter', [aBulkJob({ looked_at: 12_000, done: 11_990, refused: 10 })])
    const stopped = answer('post', `/bulk_jobs/${aBulkJob().id}/stop`, aBulkJob({ status: 'stopped' }))
    const { user } = await showPage('/runs')
    expect(await screen.findByText('Cancelling 48,213 runs')).toBeInTheDocument()
    expect(screen.getByRole('meter', { name: 'Cancelling 48,213 runs' })).toHaveAttribute('aria-valuenow', '12000')
    await user.click(screen.getByRole('button', { name: 'Stop' }))
    await expect.poll(() => stopped).toHaveLength(1)
  })

  it('lets a deletion be undone before it begins', async () => {
    const begins = new Date(Date.now() + 3600_000).toISOString()
    answer('post', '/bulk_jobs/filter', [aBulkJob({ action: 'delete', status: 'pending', begins })])
    await showPage('/runs')
    expect(await screen.findByRole('button', { name: 'Undo' })).toBeInTheDocument()
    expect(screen.getByText(/Deleting 48,213 runs/)).toHaveTextContent(/begins in \d/)
  })

  it('tells what came of it and why some were left, until that is read', async () => {
    const refusals = [{ reason: 'The run has ended already.', count: 13, flow_run_id: 'r3' }]
    const ended = new Date().toISOString()
    answer('post', '/bulk_jobs/filter', [aBulkJob({ status: 'completed', done: 48_200, refused: 13, refusals, ended })])
    const { user } = await showPage('/runs')
    expect(await screen.findByText('Cancelled 48,200 runs')).toBeInTheDocument()
    expect(screen.getByText(/13 runs left as they are: The run has ended already./)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Dismiss' }))
    expect(screen.queryByText('Cancelled 48,200 runs')).toBeNull()
  })

  it('forgets what was ticked when other runs are asked for, not when the page turns', async () => {
    const { router, user } = await showPage('/runs')
    await user.click(await screen.findByRole('checkbox', { name: 'Select one' }))
    await router.navigate({ to: '/runs', search: { page: 2 } } as never)
    expect(await screen.findByText('1 selected')).toBeInTheDocument()
    await router.navigate({ to: '/runs', search: { states: ['FAILED'] } } as never)
    await expect.poll(() => screen.queryByText('1 selected')).toBeNull()
  })
})
