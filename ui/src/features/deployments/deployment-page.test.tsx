// A deployment: changed by what differs only, copied at rest, and told of: its versions, triggers and agreements.
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import type { Deployment } from '@/api/types'
import { anEvent, anSla } from '@/test/cloud-objects'
import { aDeployment, aPage, aSchedule } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { changedMeanwhile, editDraftOf, readEdit } from './edit-draft'

const SCHEMA = { properties: { days: { type: 'integer', title: 'Days' } }, required: ['days'] }
const OWN_LIMIT = { name: 'deployment:d-1', limit: 2, active_slots: 0 } as Deployment['global_concurrency_limit']
const DEPLOYMENT = aDeployment({
  id: 'd-1',
  name: 'nightly',
  tags: ['prod'],
  parameters: { days: 3 },
  parameter_openapi_schema: SCHEMA,
  job_variables: { image: 'a:1' },
  work_pool_name: 'docker',
  work_queue_name: 'urgent',
  schedules: [aSchedule({ deployment_id: 'd-1', slug: 'night', active: true })],
})
const ADDRESS = '/deployments/deployment/d-1'
const EDIT = '/deployments/edit/d-1'
const RESOURCE = { 'prefect.resource.id': 'prefect.deployment.d-1', 'prefect.resource.name': 'nightly' }

beforeEach(() => {
  answer('get', '/deployments/:id', DEPLOYMENT)
  answer('post', '/flows/filter', [{ id: DEPLOYMENT.flow_id, name: 'etl' }])
  answer('post', '/flow_runs/paginate', aPage([]))
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
  answer('post', '/work_pools/filter', [{ id: 'p', name: 'docker' }])
  answer('post', '/work_pools/:name/queues/filter', [{ id: 'q', name: 'urgent', is_paused: false }])
  answer('get', '/work_pools/:name', { base_job_template: { variables: { properties: { cpu: { type: 'integer' } } } } })
  answer('post', '/ui/schemas/validate', { valid: true, errors: [] })
})

it('sends what was changed and nothing else', async () => {
  const changed = answer('patch', '/deployments/:id', null)
  const { router, user } = await showPage(EDIT)
  await user.clear(await screen.findByRole('textbox', { name: 'Tags' }))
  await user.type(screen.getByRole('textbox', { name: 'Tags' }), 'prod, slow')
  await user.selectOptions(screen.getByRole('combobox', { name: 'Runs at once' }), 'At most so many')
  await user.selectOptions(screen.getByRole('combobox', { name: 'A run beyond it' }), 'It is cancelled')
  await user.click(screen.getByRole('button', { name: 'Save the deployment' }))
  await expect.poll(() => router.state.location.pathname).toBe(ADDRESS)
  const concurrency_options = { collision_strategy: 'CANCEL_NEW', grace_period_seconds: null }
  expect(changed).toEqual([{ tags: ['prod', 'slow'], concurrency_limit: 1, concurrency_options }])
})

it('says at its field what does not fit, before and after the server was asked', async () => {
  const changed = answer(
    'patch',
    '/deployments/:id',
    {
      exception_detail: [{ loc: ['body', 'max_queued'], msg: 'It is too large' }],
    },
    422,
  )
  const { user } = await showPage(EDIT)
  const waiting = await screen.findByRole('textbox', { name: 'Runs that may wait' })
  await user.type(waiting, 'many')
  await user.click(screen.getByRole('button', { name: 'Save the deployment' }))
  expect(await screen.findByText('A whole number of at least 1.')).toBeInTheDocument()
  expect(screen.getByRole('alert')).toHaveTextContent('One value does not fit yet.')
  expect(changed).toEqual([])
  await user.clear(waiting)
  await user.type(waiting, '7')
  await user.click(screen.getByRole('button', { name: 'Save the deployment' }))
  expect(await screen.findByText('It is too large')).toBeInTheDocument()
  expect(waiting).toHaveAttribute('aria-invalid', 'true')
})

it('checks parameters and job variables by their schemas', async () => {
  const changed = answer('patch', '/deployments/:id', null)
  answer('post', '/ui/schemas/validate', {
    valid: false,
    errors: [{ property: 'days', errors: ['It is too long ago'] }],
  })
  const { user } = await showPage(EDIT)
  await user.clear(await screen.findByRole('textbox', { name: 'Days' }))
  await user.type(screen.getByRole('textbox', { name: 'Days' }), '90')
  await user.click(screen.getByRole('button', { name: 'Save the deployment' }))
  expect(await screen.findByText('It is too long ago')).toBeInTheDocument()
  expect(changed).toEqual([])
})

it('names what empty values would leave as it is', () => {
  const draft = { ...editDraftOf(DEPLOYMENT), variables: '', pool: '', queue: '' }
  expect(readEdit(DEPLOYMENT, draft).changes).toEqual({
    clear: ['job_variables'],
    work_pool_name: null,
    work_queue_name: null,
  })
  expect(readEdit(DEPLOYMENT, editDraftOf(DEPLOYMENT)).changes).toEqual({})
  const limited = { ...DEPLOYMENT, global_concurrency_limit: OWN_LIMIT }
  expect(readEdit(limited, { ...editDraftOf(limited), limitKind: 'none' }).changes).toEqual({ concurrency_limit: null })
})

it('tells what somebody else has changed meanwhile', () => {
  const now = { ...DEPLOYMENT, description: 'New', status: 'NOT_READY' as const, updated: '2030-01-01T00:00:00Z' }
  expect(changedMeanwhile(DEPLOYMENT, now)).toEqual(['the description'])
})

it('copies a deployment under a name that is free, with its schedules off', async () => {
  answer('post', '/deployments/count', 1)
  const made = answer('post', '/deployments/', { ...DEPLOYMENT, id: 'd-2' }, 201)
  const { router, user } = await showPage(ADDRESS)
  await user.click(await screen.findByRole('button', { name: 'More' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByText(/the copy makes no runs until you turn it on/)).toBeInTheDocument()
  await user.click(within(dialog).getByRole('button', { name: 'Make the copy' }))
  expect(await within(dialog).findByText('This name is taken.')).toBeInTheDocument()
  expect(made).toEqual([])
  answer('post', '/deployments/count', 0)
  await user.type(within(dialog).getByRole('textbox', { name: 'Name of the copy' }), '2')
  await user.click(within(dialog).getByRole('button', { name: 'Make the copy' }))
  await expect.poll(() => router.state.location.pathname).toBe('/deployments/deployment/d-2')
  expect(made).toMatchObject([
    { name: 'nightly-copy2', parameters: { days: 3 }, schedules: [{ slug: 'night', active: false }] },
  ])
  expect(made[0]).not.toHaveProperty('id')
})

it('tells where its versions come from and what was changed', async () => {
  const info = { type: 'vcs:git', version: '1', commit_sha: 'abcdef0123456789', branch: 'main', message: 'Fix prices' }
  answer('get', '/deployments/:id', {
    ...DEPLOYMENT,
    version: '1',
    version_info: { ...info, repository: 'shop', url: null },
  })
  const told = [
    anEvent('prefect.deployment.updated', RESOURCE, { updates: { description: { from: null, to: 'For the shop' } } }),
    anEvent('ostinato.deployment.version-deployed', RESOURCE, { version: '1', version_info: info }),
  ]
  answer('post', '/events/filter', { events: told, total: 2, next_page: null })
  await showPage(`${ADDRESS}?tab=versions`)
  const versions = await screen.findByRole('list', { name: 'Versions deployed' })
  expect(within(versions).getByText('Fix prices')).toBeInTheDocument()
  expect(within(versions).getByText('abcdef01')).toBeInTheDocument()
  const changes = screen.getByRole('list', { name: 'Changes' })
  expect(within(changes).getByText('For the shop')).toBeInTheDocument()
  expect(within(changes).getByRole('link', { name: 'Deployment: version deployed' })).toBeInTheDocument()
})

it('lists the automations that name it, and leads to a new one for its runs', async () => {
  const asked = answer('post', '/automations/filter', [])
  const { router, user } = await showPage(`${ADDRESS}?tab=triggers`)
  expect(await screen.findByText('No automation names it')).toBeInTheDocument()
  expect(asked).toMatchObject([{ automations: { about: { any_: ['d-1'] } } }])
  answer('post', '/deployments/filter', [DEPLOYMENT])
  answer('post', '/deployments/paginate', aPage([DEPLOYMENT]))
  await user.click(screen.getByRole('link', { name: 'Add a trigger' }))
  await expect.poll(() => router.state.location.search).toEqual({ deployment: 'd-1' })
  expect(await screen.findByText('When a flow run of d-1… enters Failed or Crashed')).toBeInTheDocument()
})

it('gives it agreements and takes them away', async () => {
  const sla = anSla({ owner_resource: 'prefect.deployment.d-1', name: 'quick' })
  answer('post', '/slas/filter', [sla])
  answer('post', '/slas/count', 1)
  const saved = answer('post', '/slas/', sla)
  const removed = answer('delete', '/slas/:id', null)
  const { user } = await showPage(`${ADDRESS}?tab=slas`)
  await user.click(await screen.findByRole('button', { name: 'Add an agreement' }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).queryByRole('combobox', { name: 'Whose runs' })).not.toBeInTheDocument()
  await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'fresh')
  await user.click(within(dialog).getByRole('button', { name: 'Save' }))
  await expect.poll(() => saved).toMatchObject([{ name: 'fresh', owner_resource: 'prefect.deployment.d-1' }])
  await user.click(await screen.findByRole('button', { name: 'Delete quick' }))
  await user.click(await screen.findByRole('button', { name: 'Delete the agreement' }))
  await expect.poll(() => removed).toHaveLength(1)
})
