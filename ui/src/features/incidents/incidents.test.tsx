import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { anIncident } from '@/test/cloud-objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const INCIDENT = anIncident({
  related_resources: [{ 'prefect.resource.id': 'prefect.flow-run.7', 'prefect.resource.name': 'amber-heron' }],
})
const ADDRESS = `/incidents/incident/${INCIDENT.id}`

beforeEach(() => {
  answer('post', '/incidents/filter', [INCIDENT])
  answer('post', '/incidents/count', 1)
  answer('get', `/incidents/${INCIDENT.id}`, INCIDENT)
  answer('get', `/incidents/${INCIDENT.id}/comments`, [])
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
})

it('lists open ones first, by the filters of the address', async () => {
  const asked = answer('post', '/incidents/filter', [INCIDENT])
  await showPage('/incidents?status=open&severity=high')
  const table = await screen.findByRole('table', { name: 'Incidents' })
  expect(within(table).getByRole('link', { name: 'Orders are late' })).toHaveAttribute('href', ADDRESS)
  expect(within(table).getByRole('link', { name: 'amber-heron' })).toHaveAttribute('href', '/runs/flow-run/7')
  expect(asked).toContainEqual(
    expect.objectContaining({
      incidents: { status: { any_: ['open'] }, severity: { any_: ['high'] } },
      sort: 'STATUS_ASC',
    }),
  )
})

it('is said around every page while it goes on', async () => {
  await showPage('/incidents')
  expect(await screen.findByRole('link', { name: 'Open incident: Orders are late' })).toHaveAttribute('href', ADDRESS)
})

it('leads to the list where there are several, and says nothing where there is none', async () => {
  answer('post', '/incidents/filter', [INCIDENT, anIncident({ id: '01a20505-0000-7000-8000-0000000000d9' })])
  await showPage('/incidents')
  const signal = await screen.findByRole('link', { name: 'Open incident: 2 open incidents' })
  expect(signal).toHaveAttribute('href', '/incidents?status=open')
})

it('is declared in a dialog, and shown', async () => {
  const made = answer('post', '/incidents/', INCIDENT, 201)
  const { router, user } = await showPage('/incidents')
  await user.click(await screen.findByRole('button', { name: 'Declare an incident' }))
  const dialog = screen.getByRole('dialog')
  await user.type(within(dialog).getByRole('textbox', { name: 'What is wrong' }), 'Orders are late')
  await user.type(within(dialog).getByRole('textbox', { name: 'Tags' }), 'shop, depot')
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Severity' }), 'critical')
  await user.click(within(dialog).getByRole('button', { name: 'Declare it' }))
  await expect.poll(() => router.state.location.pathname).toBe(ADDRESS)
  expect(made).toEqual([{ name: 'Orders are late', severity: 'critical', summary: '', tags: ['shop', 'depot'] }])
})

it('is resolved, and reopened', async () => {
  const resolved = answer('post', `/incidents/${INCIDENT.id}/resolve`, INCIDENT)
  const { user } = await showPage(ADDRESS)
  const resolve = await screen.findByRole('button', { name: 'Resolve' })
  answer('get', `/incidents/${INCIDENT.id}`, anIncident({ status: 'resolved', end_time: '2026-11-22T12:00:00Z' }))
  await user.click(resolve)
  expect(await screen.findByRole('button', { name: 'Reopen' })).toBeInTheDocument()
  expect(screen.getByText('2h')).toBeInTheDocument()
  expect(resolved).toHaveLength(1)
})

it('takes comments', async () => {
  const said = answer('post', `/incidents/${INCIDENT.id}/comments`, { id: 'c' }, 201)
  const { user } = await showPage(ADDRESS)
  await user.type(await screen.findByRole('textbox', { name: 'Add a comment' }), 'The provider knows. ')
  await user.click(screen.getByRole('button', { name: 'Comment' }))
  await expect.poll(() => said).toEqual([{ text: 'The provider knows.' }])
  expect(screen.getByRole('textbox', { name: 'Add a comment' })).toHaveValue('')
})
