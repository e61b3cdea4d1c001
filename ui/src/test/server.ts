// The API as tests have it: each test says what is answered.
import { http, HttpResponse, type JsonBodyType } from 'msw'
import { setupServer } from 'msw/node'

/** What every page asks: whether there is an open incident. */
export const server = setupServer(http.post('*/api/incidents/filter', () => HttpResponse.json([])))

/** Answer a request with JSON; returns the bodies that were sent, as they come. */
export function answer(
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  path: string,
  json: JsonBodyType,
  status = 200,
): unknown[] {
  const asked: unknown[] = []
  server.use(
    http[method](`*/api${path}`, async ({ request }) => {
      const text = await request.text()
      asked.push(text === '' ? null : JSON.parse(text))
      return HttpResponse.json(json, { status })
    }),
  )
  return asked
}
