import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { readStored } from '@/lib/storage'
import { FakeSocket } from '@/test/socket'

import { logOut } from './auth'
import { openSocket, waitAfter } from './socket'

beforeEach(() => vi.useFakeTimers())
const opened: (() => void)[] = []
afterEach(() => {
  for (const close of opened.splice(0)) close()
  vi.useRealTimers()
})

function open() {
  const frames: unknown[] = []
  const statuses: string[] = []
  const close = openSocket({
    path: '/events/out',
    greet: () => ({ type: 'filter' }),
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
  })
  opened.push(close)
  return { frames, statuses, close, last: () => FakeSocket.all.at(-1) as FakeSocket }
}

it('logs in first, then greets, then passes frames on', () => {
  const { frames, statuses, last } = open()
  last().welcome()
  last().tell({ type: 'event' })
  expect(last().url).toMatch(/^ws.*\/api\/events\/out$/)
  expect(last().protocols).toEqual(['prefect'])
  expect(last().sent).toEqual([{ type: 'auth', token: null }, { type: 'filter' }])
  expect(frames).toEqual([{ type: 'event' }])
  expect(statuses).toEqual(['connecting', 'open'])
})

it('comes back after a break, and not after it was closed', () => {
  const { close, last } = open()
  last().welcome()
  last().onclose?.({ code: 1012 })
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(2)
  close()
  last().onclose?.({ code: 1000 })
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(2)
})

it('asks for the password where it is refused, and does not try again with the same', () => {
  const { statuses, last } = open()
  last().onclose?.({ code: 1008 })
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(1)
  expect(statuses.at(-1)).toBe('refused')
  expect(readStored('auth-wanted', false)).toBe(true)
})

it('comes back with the password that was given', () => {
  const { statuses, last, frames } = open()
  const refused = last()
  refused.onclose?.({ code: 1008 })
  logOut()
  expect(FakeSocket.all).toHaveLength(2)
  refused.onclose?.({ code: 1006 })
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(2)
  last().welcome()
  refused.tell({ type: 'event' })
  expect(statuses.at(-1)).toBe('open')
  expect(frames).toEqual([])
})

it('waits longer each time, but never longer than half a minute', () => {
  for (const failures of [1, 3, 20]) {
    const longest = Math.min(30_000, 500 * 2 ** (failures - 1))
    expect(waitAfter(failures)).toBeGreaterThanOrEqual(longest / 2)
    expect(waitAfter(failures)).toBeLessThanOrEqual(longest)
  }
})
