import { expect, it } from 'vitest'

import { aFlowRun, aState } from '@/test/objects'

import { groupByCause } from './causes'

const failed = (id: string, message: string, flow = 'one') =>
  aFlowRun({ id, flow_id: flow, state_type: 'FAILED', state: aState('FAILED', 'Failed', message) })

it('counts failures that differ only in numbers and names as one cause, the most frequent first', () => {
  const causes = groupByCause([
    failed('1', 'Flow run encountered an exception: KeyError: missing "price"'),
    failed('2', 'timed out after 13 s'),
    failed('3', 'timed out after 27 s'),
  ])
  expect(causes.map(({ message, runs }) => [message, runs.length])).toEqual([
    ['timed out after 13 s', 2],
    ['KeyError: missing "price"', 1],
  ])
})

it('keeps the same message of two flows apart', () =>
  expect(groupByCause([failed('1', 'boom', 'one'), failed('2', 'boom', 'two')])).toHaveLength(2))

it('has words for a failure without a message', () =>
  expect(groupByCause([aFlowRun({ state_type: 'FAILED' })])[0]?.message).toBe('No message was given'))
