import { describe, expect, it } from 'vitest'

import { readRunsSearch, runsAsked } from './search'

const NOW = Date.parse('2026-11-22T12:00:30Z')

describe('readRunsSearch', () => {
  it('reads what fits and forgets what does not', () => {
    const raw = { states: ['FAILED', 'NONSENSE'], range: 'for ever', page: 'two', limit: 7, name: 'fox', tags: 'prod' }
    expect(readRunsSearch(raw)).toEqual({ states: ['FAILED'], name: 'fox', tags: ['prod'] })
  })

  it('keeps page, length and order', () => {
    expect(readRunsSearch({ page: 3, limit: 100, sort: 'NAME_ASC' })).toEqual({ page: 3, limit: 100, sort: 'NAME_ASC' })
  })
})

describe('runsAsked', () => {
  it('asks for the last seven days, newest first, up to now', () => {
    expect(runsAsked({}, NOW)).toEqual({
      filter: { expected_start_time: { after_: '2026-11-15T12:01:00.000Z', before_: '2026-11-22T12:01:00.000Z' } },
      sort: 'START_TIME_DESC',
      page: 1,
      limit: 50,
    })
  })

  it('is the same request within a minute, so that the answer is used again', () => {
    expect(runsAsked({}, NOW)).toEqual(runsAsked({}, NOW + 20_000))
  })

  it('knows late runs by the name of their state, since their type says nothing', () => {
    expect(runsAsked({ states: ['FAILED', 'Late'] }, NOW).filter.state).toEqual({
      operator: 'or_',
      type: { any_: ['FAILED'] },
      name: { any_: ['Late'] },
    })
  })

  it('shows what is to come, the next first', () => {
    const asked = runsAsked({ range: 'upcoming' }, NOW)
    expect(asked.sort).toBe('START_TIME_ASC')
    expect(asked.filter).toEqual({ expected_start_time: { after_: '2026-11-22T12:00:00.000Z' } })
  })
})
