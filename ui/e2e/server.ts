// The server of the journeys, asked by its API.
import { URL_OF_UI } from './browser'

/** Ask for something by POST. */
export async function ask<T = unknown>(path: string, body: unknown): Promise<T> {
  // eslint-disable-next-line no-restricted-globals -- a test beside the browser, not in it
  const response = await fetch(`${URL_OF_UI}/api${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`)
  const text = await response.text()
  return (text === '' ? null : JSON.parse(text)) as T
}
