// The one way to the API: typed by its OpenAPI document, with relative addresses, and errors as `ApiError`.
import createClient, { type Middleware } from 'openapi-fetch'

import { apiAddress } from './address'
import { askForPassword, authorization } from './auth'
import { ApiError, readProblem } from './errors'
import type { paths } from './schema.gen'

const TIMEOUT = 30_000
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const CSRF_CLIENT = crypto.randomUUID?.() ?? `browser-${Math.random()}`
let csrfToken: string | null = null

/** An answer: it holds every member, also those that a request may leave out. */
export type Complete<T> = unknown extends T
  ? T
  : T extends Blob
    ? T
    : T extends object
      ? { [K in keyof T]-?: Complete<T[K]> }
      : T

const edge: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value)
    if (csrfToken !== null && CHANGING.has(request.method)) {
      request.headers.set('Prefect-Csrf-Token', csrfToken)
      request.headers.set('Prefect-Csrf-Client', CSRF_CLIENT)
    }
    return request
  },
  onResponse({ request, response }) {
    if (response.status === 401) askForPassword(request.headers.get('Authorization'))
  },
  onError({ error }) {
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
    if (error instanceof DOMException && !isTimeout) return undefined
    return new ApiError(0, isTimeout ? 'The server did not answer in time.' : 'The server cannot be reached.')
  },
}

export const api = createClient<paths>({ baseUrl: apiAddress(), fetch: ask })
api.use(edge)

/** Return what was answered. Errors: ApiError. */
export async function answerOf<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Complete<NonNullable<T>>> {
  const { data, error, response } = await asked
  if (!response.ok) throw readProblem(response.status, error)
  return data as Complete<NonNullable<T>> // as the server's document promises
}

/** Ask; where the server wants a token against forged requests, get one and ask again. */
async function ask(request: Request): Promise<Response> {
  const again = CHANGING.has(request.method) ? request.clone() : null
  const response = await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT)]) })
  if (response.status !== 403 || again === null || !(await speaksOfCsrf(response))) return response
  csrfToken = await newCsrfToken()
  if (csrfToken === null) return response
  again.headers.set('Prefect-Csrf-Token', csrfToken)
  again.headers.set('Prefect-Csrf-Client', CSRF_CLIENT)
  return fetch(again)
}

async function speaksOfCsrf(response: Response): Promise<boolean> {
  return (await response.clone().text()).includes('CSRF')
}

async function newCsrfToken(): Promise<string | null> {
  const address = `${apiAddress()}/csrf-token?client=${encodeURIComponent(CSRF_CLIENT)}`
  const response = await fetch(address, { headers: authorization() })
  return response.ok ? ((await response.json()) as { token: string }).token : null
}
