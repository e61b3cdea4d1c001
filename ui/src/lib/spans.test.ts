import { expect, it } from 'vitest'

import { isoSpan, readSpan, spanWords } from './spans'
import { timeInZone } from './zones'

it.each([
  ['90', 90],
  ['1h 30m', 5400],
  ['2 days', 172_800],
  ['00:15:00', 900],
  ['PT1H30M', 5400],
  ['P1DT2H', 93_600],
  ['soon', null],
  ['5 parsecs', null],
])('%s is %s seconds', (text, seconds) => expect(readSpan(text)).toBe(seconds))

it('writes spans for people and for programs', () => {
  expect(isoSpan(93_600)).toBe('P1DT2H')
  expect(spanWords(93_784)).toBe('1d 2h 3m 4s')
  expect(spanWords(0)).toBe('0s')
})

it('reads a wall clock, also where it is put forward', () => {
  expect(timeInZone('2026-07-01T09:00', 'Europe/Berlin')).toBe('2026-07-01T09:00:00+02:00')
  expect(timeInZone('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T02:30:00+01:00')
})
