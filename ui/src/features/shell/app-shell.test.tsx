// What stands around every page.
import { act, screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'

import { logIn, logOut } from '@/api/auth'
import { aFlowRun } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

beforeEach(() => {
  answer('get', '/admin/version', '3.8.4')
  answer('get', '/version', '0.8.4')
  answer('get', '/ready', { message: 'OK' })
  answer('get', '/admin/maintenance', { is_on: false, message: null, since: null, retry_after: null })
  answer('get', '/admin/settings', {})
  answer('post', '/flow_runs/filter', [aFlowRun()])
  for (const noun of ['flows', 'deployments', 'work_pools', 'automations', 'block_documents', 'variables'])
    answer('post', `/${noun}/filter`, [])
})

it('goes to a page by the keyboard alone', async () => {
  const { router, user } = await showPage('/settings')
  await user.keyboard('{Control>}k{/Control}')
  await user.keyboard('workers{Enter}')
  await expect.poll(() => router.state.location.pathname).toBe('/work-pools')
})

it('goes to an object by its name, asked of the server', async () => {
  const { router, user } = await showPage('/settings')
  await user.keyboard('{Control>}k{/Control}')
  await user.keyboard('ivory')
  await user.click(await screen.findByRole('option', { name: /ivory-fox/ }))
  await expect.poll(() => router.state.location.pathname).toBe(`/runs/flow-run/${aFlowRun().id}`)
})

it('does things by their verbs, with what the server finds', async () => {
  const asked = answer('post', '/deployments/filter', [{ id: 'd-1', name: 'nightly', paused: false }])
  const paused = answer('post', '/deployments/d-1/pause_deployment', {})
  const { user } = await showPage('/settings')
  await user.keyboard('{Control>}k{/Control}')
  await user.keyboard('pause night')
  const option = await screen.findByRole('option', { name: 'Pause the schedules of nightly' })
  expect(screen.queryByRole('option', { name: 'Run nightly…' })).not.toBeInTheDocument()
  expect(asked).toEqual([expect.objectContaining({ deployments: { flow_or_deployment_name: { like_: 'night' } } })])
  await user.click(option)
  expect(await screen.findByText('Paused nightly')).toBeInTheDocument()
  expect(paused).toHaveLength(1)
})

it('finds what it can where a noun cannot be asked', async () => {
  answer('post', '/variables/filter', { detail: 'Forbidden' }, 403)
  const { user } = await showPage('/settings')
  await user.keyboard('{Control>}k{/Control}')
  await user.keyboard('ivory')
  expect(await screen.findByRole('option', { name: /ivory-fox/ })).toBeInTheDocument()
})

it('has keys for its pages, which do nothing while somebody types', async () => {
  answer('post', '/variables/count', 0)
  const { router, user } = await showPage('/settings')
  await user.keyboard('?')
  const shortcuts = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect.poll(() => shortcuts.contains(document.activeElement)).toBe(true)
  await user.keyboard('gv')
  expect(router.state.location.pathname).toBe('/settings')
  await user.keyboard('{Escape}')
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull()
  await user.keyboard('gv')
  await expect.poll(() => router.state.location.pathname).toBe('/variables')
  const search = await screen.findByRole('searchbox')
  await user.keyboard('/')
  expect(search).toHaveFocus()
  await user.keyboard('gs')
  expect(search).toHaveValue('gs')
})

it('remembers the colours and the zone that were chosen', async () => {
  const { user } = await showPage('/settings')
  await user.click(screen.getByRole('button', { name: 'Use dark colours' }))
  await user.click(screen.getByRole('button', { name: /show UTC ones/ }))
  expect(document.documentElement.dataset.theme).toBe('dark')
  expect(localStorage.getItem('ostinato.theme')).toBe('"dark"')
  expect(screen.getByRole('combobox', { name: 'Times' })).toHaveValue('utc')
})

it('asks for the password where the server wants it, and goes on with it', async () => {
  answer('get', '/admin/version', { exception_message: 'Unauthorized' }, 401)
  const { user } = await showPage('/settings')
  await user.type(await screen.findByLabelText('Password'), 'admin:hidden')
  answer('get', '/admin/version', '3.8.4')
  await user.click(screen.getByRole('button', { name: 'Log in' }))
  expect(await screen.findByText('Prefect 3.8.4')).toBeInTheDocument()
})

it('says that a password is wrong, and keeps one for the tab alone where that is wanted', async () => {
  const { user } = await showPage('/settings')
  act(logOut)
  answer('get', '/version', { exception_message: 'Unauthorized' }, 401)
  await user.type(await screen.findByLabelText('Password'), 'admin:wrong')
  await user.click(screen.getByRole('button', { name: 'Log in' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('does not take this password')
  answer('get', '/version', '0.8.4')
  await user.click(screen.getByRole('checkbox', { name: 'Stay logged in on this browser' }))
  await user.click(screen.getByRole('button', { name: 'Log in' }))
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull()
  expect(localStorage.getItem('ostinato.auth')).toBeNull()
  expect(sessionStorage.getItem('ostinato.auth')).toBe('"admin:wrong"')
})

it('logs out, which forgets the password and what it has shown', async () => {
  answer('get', '/version', '0.8.4')
  await logIn('admin:hidden', true)
  const { user } = await showPage('/settings')
  await user.click(await screen.findByRole('button', { name: 'Log out' }))
  expect(await screen.findByRole('dialog', { name: 'Log in' })).toBeInTheDocument()
  expect(localStorage.getItem('ostinato.auth')).toBeNull()
})
