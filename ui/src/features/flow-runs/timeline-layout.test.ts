import { expect, it } from 'vitest'

import type { Graph } from '@/api/types'

import { layOut, spansOf } from './timeline-layout'

const START = Date.parse('2026-11-22T12:00:00Z')
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()

function graph(nodes: [from: number, to: number | null][], end: number | null): Graph {
  return {
    start_time: at(0),
    end_time: end === null ? null : at(end),
    root_node_ids: [],
    artifacts: [],
    states: [],
    nodes: nodes.map(([from, to], index) => [
      `n${index}`,
      {
        id: `n${index}`,
        kind: 'task-run',
        label: `task ${index}`,
        state_type: to === null ? 'RUNNING' : 'COMPLETED',
        start_time: at(from),
        end_time: to === null ? null : at(to),
        parents: [],
        children: [],
        encapsulating: [],
        artifacts: [],
      },
    ]),
  }
}

it('puts bars in the order of their starts, by parts of the whole', () => {
  const { bars, seconds } = layOut(spansOf(graph([[5, 10], [0, 5]], 20)), 0) // prettier-ignore
  expect(seconds).toBe(20)
  expect(bars.map(({ id, from, to }) => [id, from, to])).toEqual([
    ['n1', 0, 0.25],
    ['n0', 0.25, 0.5],
  ])
})

it('lets what runs reach to now', () => {
  const { bars, seconds } = layOut(spansOf(graph([[2, null]], null)), START + 10_000)
  expect(seconds).toBe(10)
  expect(bars[0]).toMatchObject({ from: 0.2, to: 1, seconds: 8 })
})

it('lays out ten thousand nodes', () => {
  const many = graph(Array.from({ length: 10_000 }, (_, index) => [index, index + 1]), 10_000) // prettier-ignore
  expect(layOut(spansOf(many), 0).bars).toHaveLength(10_000)
})

it('has a length even where all happened at once', () =>
  expect(layOut(spansOf(graph([[0, 0]], 0)), 0).seconds).toBeGreaterThan(0))
