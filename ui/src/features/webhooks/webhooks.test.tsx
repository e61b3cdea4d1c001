import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'

import { anEvent, aWebhook } from '@/test/cloud-objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { readHeaders } from './samples'
import { curlSnippet } from './signatures'

const WEBHOOK = aWebhook()
const ADDRESS = `/webhooks/webhook/${WEBHOOK.id}`

beforeEach(() => {
  answer('post', '/webhooks/render', { rendered: '{}', event: { event: 'order.paid' }, error: null })
  answer('get', `/webhooks/${WEBHOOK.id}`, WEBHOOK)
  answer('post', '/events/filter', { events: [], total: 0, next_page: null })
})

describe('the list', () => {
  it('is filtered by the address, on the server', async () => {
    const asked = answer('post', '/webhooks/filter', [WEBHOOK])
    answer('post', '/webhooks/count', 1)
    await showPage('/webhooks?name=sh&enabled=no')
    expect(await screen.findByRole('link', { name: 'shop' })).toBeInTheDocument()
    expect(asked[0]).toMatchObject({ webhooks: { name: { like_: 'sh' }, enabled: { eq_: false } }, offset: 0 })
  })

  it('teaches where there is none', async () => {
    answer('post', '/webhooks/filter', [])
    answer('post', '/webhooks/count', 0)
    await showPage('/webhooks')
    expect(await screen.findByText(/ostinato webhook create/)).toBeInTheDocument()
  })

  it('switches one off', async () => {
    answer('post', '/webhooks/filter', [WEBHOOK])
    answer('post', '/webhooks/count', 1)
    const changed = answer('patch', `/webhooks/${WEBHOOK.id}`, aWebhook({ enabled: false }))
    const { user } = await showPage('/webhooks')
    await user.click(await screen.findByRole('switch', { name: 'shop is enabled' }))
    await expect.poll(() => changed).toEqual([{ enabled: false }])
  })
})

describe('a new one', () => {
  it('shows what the template makes of the request, and why not', async () => {
    answer('post', '/webhooks/render', { rendered: 'nothing', event: null, error: 'The template does not render JSON' })
    await showPage('/webhooks/new')
    expect(await screen.findByText(/does not render JSON/)).toBeInTheDocument()
    expect(screen.getByRole('region', { name: 'What the template has rendered' })).toHaveTextContent('nothing')
  })

  it('tells its secret once, and leads to its page', async () => {
    const made = answer('post', '/webhooks/', aWebhook({ signature: 'github', secret: 'only-now' }), 201)
    const { router, user } = await showPage('/webhooks/new')
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'shop')
    await user.click(screen.getByRole('button', { name: 'GitHub' }))
    expect(screen.getByRole('textbox', { name: 'Headers' })).toHaveValue(
      'Content-Type: application/json\nX-GitHub-Event: push',
    )
    await user.click(screen.getByRole('button', { name: 'Save the webhook' }))
    const dialog = await screen.findByRole('dialog', { name: 'Give these to the sender' })
    expect(within(dialog).getByText('only-now')).toBeInTheDocument()
    expect(made[0]).toMatchObject({ name: 'shop', signature: 'github' })
    await user.click(within(dialog).getByRole('button', { name: 'I have copied it' }))
    await expect.poll(() => router.state.location.pathname).toBe(ADDRESS)
    expect(screen.queryByText('only-now')).not.toBeInTheDocument()
  })

  it('says what the server finds wrong', async () => {
    answer('post', '/webhooks/', { detail: "'template' is not a valid template" }, 422)
    const { user } = await showPage('/webhooks/new')
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'shop')
    await user.click(screen.getByRole('button', { name: 'Save the webhook' }))
    expect(await screen.findByRole('alert')).toHaveTextContent("'template' is not a valid template")
  })
})

describe('its page', () => {
  it('tells what has come and why a request was refused', async () => {
    const refused = anEvent(
      'prefect-cloud.webhook.failed',
      { 'prefect.resource.id': `prefect-cloud.webhook.${WEBHOOK.id}` },
      { reason: 'The request is not signed.', method: 'POST', rendered: null },
    )
    answer('post', '/events/filter', { events: [refused], total: 1, next_page: null })
    await showPage(ADDRESS)
    const list = await screen.findByRole('list', { name: 'Refused requests' })
    expect(within(list).getByText('The request is not signed.')).toBeInTheDocument()
    expect(screen.getByRole('region', { name: 'Address' })).toHaveTextContent('/api/hooks/nobody-can-guess')
  })

  it('is rotated with an overlap', async () => {
    const asked = answer('post', `/webhooks/${WEBHOOK.id}/rotate`, WEBHOOK)
    const { user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Rotate' }))
    const dialog = screen.getByRole('dialog', { name: 'Rotate shop' })
    await user.selectOptions(within(dialog).getByRole('combobox'), 'For a day')
    await user.click(within(dialog).getByRole('button', { name: 'Rotate' }))
    await expect.poll(() => asked).toEqual([{ slug: true, secret: false, old_expires_in_seconds: 86_400 }])
  })

  it('is deleted after a question', async () => {
    answer('post', '/webhooks/filter', [])
    answer('post', '/webhooks/count', 0)
    const deleted = answer('delete', `/webhooks/${WEBHOOK.id}`, null)
    const { router, user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    await user.click(screen.getByRole('button', { name: 'Delete the webhook' }))
    await expect.poll(() => deleted.length).toBe(1)
    await expect.poll(() => router.state.location.pathname).toBe('/webhooks')
  })
})

it('sends what is signed without the secret in the command', () => {
  expect(curlSnippet('http://a/hooks/s', 'none', `{"it's": 1}`)).toContain(`-d '{"it'\\''s": 1}'`)
  expect(curlSnippet('http://a/hooks/s', 'github', '{}')).toContain('X-Hub-Signature-256: sha256=$SIGNATURE')
  expect(curlSnippet('http://a/hooks/s', 'standard-webhooks', '{}')).toContain('webhook-signature: v1,$SIGNATURE')
})

it('reads headers line by line', () => {
  expect(readHeaders('X-A: 1\n\nnone\nX-B:a:b')).toEqual({ 'X-A': '1', 'X-B': 'a:b' })
})
