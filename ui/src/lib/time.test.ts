import { describe, expect, it } from 'vitest'

import { formatDuration, formatInstant, formatRelative, secondsBetween } from './time'

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.0123, '12ms'],
    [0.5, '500ms'],
    [1, '1s'],
    [9.94, '9.9s'],
    [12.3, '12s'],
    [60, '1m'],
    [64, '1m 4s'],
    [3599.6, '1h'],
    [3840, '1h 4m'],
    [90_000, '1d 1h'],
    [86_460, '1d'],
  ])('%d seconds are %s', (seconds, words) => expect(formatDuration(seconds)).toBe(words))
})

describe('formatRelative', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')

  it.each([
    ['2026-11-22T12:00:00.4Z', 'now'],
    ['2026-11-22T11:55:00Z', '5m ago'],
    ['2026-11-22T14:30:00Z', 'in 2h'],
  ])('%s is %s', (iso, words) => expect(formatRelative(iso, now)).toBe(words))
})

it('says when a time is UTC, and shows a full day', () => {
  expect(formatInstant('2026-11-22T14:03:12Z', 'utc')).toBe('22 Nov 2026, 14:03:12 UTC')
  expect(formatInstant('2026-11-22T14:03:12Z', 'utc', 'minute')).toBe('22 Nov, 14:03')
  expect(formatInstant('2026-11-22T14:03:12Z', 'utc', 'time')).toBe('14:03:12')
})

it('measures up to now where the end is not known', () => {
  expect(secondsBetween('2026-11-22T12:00:00Z', null, Date.parse('2026-11-22T12:00:07Z'))).toBe(7)
})
