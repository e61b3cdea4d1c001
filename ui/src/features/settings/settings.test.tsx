import { screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { groupsOf } from './groups'

const TREE = {
  outbound_timeout: 15,
  server: { api: { auth_string: '********', host: '127.0.0.1' }, services: { db_vacuum: { enabled: null } } },
}

beforeEach(() => {
  answer('get', '/admin/version', '3.8.4')
  answer('get', '/version', '0.8.4')
  answer('get', '/ready', { message: 'OK' })
  answer('get', '/admin/maintenance', { is_on: false, message: null, since: null, retry_after: null })
  answer('get', '/admin/settings', TREE)
})

it('tells which server this is and how it is', async () => {
  answer('get', '/ready', { message: 'Database is not available' }, 503)
  answer('get', '/admin/maintenance', { is_on: true, message: 'New disks.', since: null, retry_after: 5 })
  await showPage('/settings')
  expect(await screen.findByText('Prefect 3.8.4')).toBeInTheDocument()
  expect(await screen.findByText('does not answer')).toBeInTheDocument()
  expect(await screen.findByText(/New disks/)).toBeInTheDocument()
})

it('shows the settings of the server, found by the name in the address', async () => {
  const { router, user } = await showPage('/settings')
  await user.type(await screen.findByRole('searchbox', { name: 'Name of the setting' }), 'auth string')
  await expect.poll(() => router.state.location.search).toEqual({ name: 'auth string' })
  const name = await screen.findByText('OSTINATO_SERVER_API_AUTH_STRING')
  const row = name.closest('div')
  expect(within(row as HTMLElement).getByText('********')).toBeInTheDocument()
  expect(screen.queryByText('OSTINATO_OUTBOUND_TIMEOUT')).not.toBeInTheDocument()
})

it('takes other colours for states, and remembers them', async () => {
  const { user } = await showPage('/settings')
  await user.selectOptions(screen.getByRole('combobox', { name: 'Colours of states' }), 'blue')
  expect(document.documentElement.dataset.palette).toBe('blue')
  expect(localStorage.getItem('ostinato.palette')).toBe('"blue"')
})

it('groups settings by where they stand', () => {
  expect(groupsOf(TREE).map(({ title, settings }) => [title, settings.map(({ name }) => name)])).toEqual([
    ['Api', ['OSTINATO_SERVER_API_AUTH_STRING', 'OSTINATO_SERVER_API_HOST']],
    ['General', ['OSTINATO_OUTBOUND_TIMEOUT']],
    ['Services: db vacuum', ['OSTINATO_SERVER_SERVICES_DB_VACUUM_ENABLED']],
  ])
})
