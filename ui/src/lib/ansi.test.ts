import { expect, it } from 'vitest'

import { readAnsi } from './ansi'

it('leaves a plain line as it is', () => expect(readAnsi('hello')).toEqual([{ text: 'hello' }]))

it('keeps colours and weight until they are reset', () => {
  expect(readAnsi('a\u001b[31;1mred\u001b[0m b')).toEqual([
    { text: 'a' },
    { text: 'red', color: 1, isBold: true },
    { text: ' b' },
  ])
})

it('takes out orders that are no colours', () => expect(readAnsi('\u001b[2Kdone')).toEqual([{ text: 'done' }]))
