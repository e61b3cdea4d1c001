import { http, HttpResponse } from 'msw'
import { expect, it } from 'vitest'

import { readStored, writeStored } from '@/lib/storage'
import { answer, server } from '@/test/server'

import { answerOf, api } from './client'
import { ApiError } from './errors'

const ask = () => answerOf(api.POST('/flows/filter', { body: {} }))

it('says which member the server found wrong', async () => {
  answer(
    'post',
    '/flows/filter',
    {
      exception_message: 'Invalid request received.',
      exception_detail: [{ loc: ['body', 'limit'], msg: 'must be at most 200' }],
    },
    422,
  )
  await expect(ask()).rejects.toThrow('limit: must be at most 200')
})

it('tells an error that may pass from one that will not', async () => {
  answer('post', '/flows/filter', { detail: 'busy' }, 503)
  await expect(ask()).rejects.toSatisfy(
    (error) => error instanceof ApiError && error.mayPass && error.message === 'busy',
  )
  answer('post', '/flows/filter', { detail: 'gone' }, 404)
  await expect(ask()).rejects.toSatisfy((error) => error instanceof ApiError && !error.mayPass)
})

it('says that the server cannot be reached', async () => {
  server.use(http.post('*/api/flows/filter', () => HttpResponse.error()))
  await expect(ask()).rejects.toThrow('The server cannot be reached.')
})

it('sends the password that was given, and asks for one where it is refused', async () => {
  writeStored('auth', 'admin:hidden')
  writeStored('auth-wanted', false)
  let sent: string | null = null
  server.use(
    http.post('*/api/flows/filter', ({ request }) => {
      sent = request.headers.get('Authorization')
      return HttpResponse.json({ exception_message: 'Unauthorized' }, { status: 401 })
    }),
  )
  await expect(ask()).rejects.toThrow('Unauthorized')
  expect(sent).toBe(`Basic ${btoa('admin:hidden')}`)
  expect(readStored('auth-wanted', false)).toBe(true)
})

it('gets a token against forged requests where the server wants one', async () => {
  answer('get', '/csrf-token', { token: 'secret' })
  server.use(
    http.post('*/api/flows/filter', ({ request }) =>
      request.headers.get('Prefect-Csrf-Token') === 'secret'
        ? HttpResponse.json([])
        : HttpResponse.json({ detail: 'Missing CSRF token.' }, { status: 403 }),
    ),
  )
  expect(await ask()).toEqual([])
})
