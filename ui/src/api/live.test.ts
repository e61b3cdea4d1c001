import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Renewal } from './live'

const ONCE = ['flow-runs', 'concurrency-limits', 'work-pool-loads']

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function renewal() {
  const client = new QueryClient()
  const renewed: unknown[] = []
  vi.spyOn(client, 'invalidateQueries').mockImplementation((filters) => {
    renewed.push(filters?.queryKey?.[0])
    return Promise.resolve()
  })
  return { news: new Renewal(client), renewed }
}

it('asks once for what a storm of events has made stale', () => {
  const { news, renewed } = renewal()
  for (let index = 0; index < 1000; index += 1) news.note('prefect.flow-run.Running')
  news.note('prefect.deployment.ready')
  vi.advanceTimersByTime(1000)
  expect(renewed).toEqual([...ONCE, 'deployments', 'latest-events'])
})

it('does not ask again within two seconds', () => {
  const { news, renewed } = renewal()
  news.note('prefect.flow-run.Running')
  vi.advanceTimersByTime(300)
  news.note('prefect.flow-run.Completed')
  vi.advanceTimersByTime(1500)
  expect(renewed).toEqual(ONCE)
  vi.advanceTimersByTime(1000)
  expect(renewed).toEqual([...ONCE, ...ONCE])
})

it('does not care for heartbeats and strangers', () => {
  const { news, renewed } = renewal()
  news.note('prefect.flow-run.heartbeat')
  news.note('my.own.event')
  vi.advanceTimersByTime(5000)
  expect(renewed).toEqual([])
})
