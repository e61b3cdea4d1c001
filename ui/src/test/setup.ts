// Before each test file: matchers, a stand-in for the API, and for what jsdom does not have.
import '@testing-library/jest-dom/vitest'

import { cleanup, configure } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'

import { clearNotices } from '@/design/toast'
import { writeStored } from '@/lib/storage'

import { server } from './server'
import { FakeSocket } from './socket'

const PATIENCE = 20_000
configure({ asyncUtilTimeout: PATIENCE })
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
)
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
vi.stubGlobal('scrollTo', () => undefined)
Element.prototype.scrollIntoView = () => undefined
Element.prototype.hasPointerCapture = () => false
// Rows in sight are drawn by the height of their box, and nothing has one here.
for (const [name, value] of [
  ['offsetHeight', 600],
  ['offsetWidth', 800],
  ['clientHeight', 600],
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })
}

// Editing in CodeMirror needs a layout, which jsdom has not: tests type into the text area that stands in for it.
vi.mock('@/design/code-mirror', async () => ({ default: (await import('@/design/plain-editor')).PlainEditor }))

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' })
  // Afterwards, because the stand-in takes sockets over as well.
  vi.stubGlobal('WebSocket', FakeSocket)
})
afterEach(() => {
  cleanup()
  clearNotices()
  server.resetHandlers()
  for (const name of ['auth', 'auth-wanted']) writeStored(name, undefined)
  localStorage.clear()
  sessionStorage.clear()
  FakeSocket.all.length = 0
})
afterAll(() => server.close())
