import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { anEvent, anSla } from '@/test/cloud-objects'
import { aPage } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { ViolationsOfRun } from './public'
import { draftOf, termsOf } from './words'

const SLA = anSla({ last_violated: '2026-11-22T10:05:00Z' })
const ADDRESS = `/slas/sla/${SLA.id}`
const VIOLATION = anEvent(
  'prefect.sla.violation',
  { 'prefect.resource.id': 'prefect.flow-run.7', 'prefect.resource.name': 'amber-heron' },
  { sla: { id: SLA.id, name: 'quick', severity: 'high' }, deadline: '2026-11-22T10:05:00Z' },
)

beforeEach(() => {
  answer('post', '/slas/filter', [SLA])
  answer('post', '/slas/count', 1)
  answer('get', `/slas/${SLA.id}`, SLA)
  answer('post', '/events/filter', { events: [VIOLATION], total: 1, next_page: null })
  answer('post', '/deployments/paginate', aPage([{ id: 'd-1', name: 'nightly-load' }]))
})

it('lists those violated last first, by the filters of the address', async () => {
  const asked = answer('post', '/slas/filter', [SLA])
  await showPage('/slas?violated=yes&kind=time-to-completion')
  const table = await screen.findByRole('table', { name: 'Agreements' })
  expect(within(table).getByText('ends within 1m')).toBeInTheDocument()
  expect(within(table).getByText('violated')).toBeInTheDocument()
  expect(within(table).getByRole('link', { name: 'Tag: reports' })).toBeInTheDocument()
  expect(asked[0]).toMatchObject({
    slas: { kind: { any_: ['time-to-completion'] }, last_violated: { is_null_: false } },
    sort: 'LAST_VIOLATED_DESC',
  })
})

it('is made for a deployment that is found on the server', async () => {
  const made = answer('post', '/slas/', SLA)
  const { router, user } = await showPage('/slas')
  await user.click(await screen.findByRole('button', { name: 'New agreement' }))
  const dialog = screen.getByRole('dialog')
  await within(dialog).findByRole('option', { name: 'nightly-load' })
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Deployment' }), 'nightly-load')
  await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'fresh')
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Kind' }), 'Frequency')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await expect.poll(() => router.state.location.pathname).toBe(ADDRESS)
  const owner = 'prefect.deployment.d-1'
  expect(made).toEqual([
    { name: 'fresh', severity: 'moderate', enabled: true, owner_resource: owner, stale_after: 3600 },
  ])
})

it('is changed under its name', async () => {
  const saved = answer('post', '/slas/', SLA)
  const { user } = await showPage(ADDRESS)
  await user.click(await screen.findByRole('button', { name: 'Change' }))
  const dialog = screen.getByRole('dialog')
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Severity' }), 'critical')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await expect
    .poll(() => saved)
    .toEqual([
      { name: 'quick', severity: 'critical', enabled: true, owner_resource: 'prefect.tag.reports', duration: 60 },
    ])
})

it('tells which runs have violated it', async () => {
  await showPage(ADDRESS)
  const list = await screen.findByRole('list', { name: 'Violations' })
  expect(within(list).getByRole('link', { name: 'amber-heron' })).toHaveAttribute('href', '/runs/flow-run/7')
})

it('says nothing on the page of a run that has kept everything', async () => {
  const asked = answer('post', '/events/filter', { events: [], total: 0, next_page: null })
  const { container } = render(
    <QueryClientProvider client={new QueryClient()}>
      <ViolationsOfRun flowRunId="7" />
    </QueryClientProvider>,
  )
  await expect.poll(() => asked.length).toBe(1)
  expect(asked[0]).toMatchObject({ filter: { resource: { id: ['prefect.flow-run.7'] } } })
  expect(container).toBeEmptyDOMElement()
})

it('writes an agreement by the member that tells its kind', () => {
  const about = { name: 'a', owner_resource: 'prefect.tag.x' }
  expect(draftOf(about, 'lateness', 90)).toEqual({ ...about, within: 90 })
  expect(draftOf(about, 'time-to-completion', 90.4)).toEqual({ ...about, duration: 90 })
  expect(termsOf(anSla({ kind: 'frequency', duration: null, stale_after: 7200 }))).toBe('completes every 2h')
})
