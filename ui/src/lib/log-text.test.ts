import { expect, it } from 'vitest'

import { marksOf, readLogText } from './log-text'

it('finds links, without the stop after them', () => {
  expect(readLogText('see https://example.com/a?b=1, or (http://localhost:4200/x).', null)).toEqual([
    { text: 'see ' },
    { text: 'https://example.com/a?b=1', href: 'https://example.com/a?b=1' },
    { text: ', or (' },
    { text: 'http://localhost:4200/x', href: 'http://localhost:4200/x' },
    { text: ').' },
  ])
})

it('makes no link of another protocol', () => {
  expect(readLogText('javascript:alert(1)', null)).toEqual([{ text: 'javascript:alert(1)' }])
})

it('marks what was searched for, within colours and links', () => {
  expect(readLogText('\u001b[31mNo price\u001b[0m at http://x.org/price', marksOf('price', false))).toEqual([
    { text: 'No ', color: 1 },
    { text: 'price', color: 1, isFound: true },
    { text: ' at ' },
    { text: 'http://x.org/', href: 'http://x.org/price' },
    { text: 'price', href: 'http://x.org/price', isFound: true },
  ])
})

it.each([
  ['a.b', false, 'a.b axb', ['a.b']],
  ['"two words" -three', false, 'TWO WORDS three', ['TWO WORDS']],
  ['+must', false, 'it must', ['must']],
  ['-only', false, 'only', []],
  ['b\\d+', true, 'b12 bx', ['b12']],
  ['(?', true, 'b12', []],
])('reads %s as the server does', (search, isPattern, line, found) => {
  const pieces = readLogText(line, marksOf(search, isPattern))
  expect(pieces.filter(({ isFound }) => isFound).map(({ text }) => text)).toEqual(found)
})
