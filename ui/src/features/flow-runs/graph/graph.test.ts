// The arithmetic of graphs: where nodes stand, what is seen, and where keys lead.
import { expect, it } from 'vitest'

import type { Graph } from '@/api/types'

import { arrangeInColumns } from './columns'
import type { Edge } from './boxes'
import type { GraphLayout } from './layout'
import { nodesOf, shapeOf } from './model'
import { type Direction, neighbour } from './neighbours'
import { fit, pointAt, reveal, zoom } from './viewport'

const SIZE = { width: 184, height: 34 }
const edge = (from: string, to: string): Edge => ({ from, to, isWithin: false })
const sizesOf = (ids: string[]) => new Map(ids.map((id) => [id, SIZE]))

function graph(nodes: Record<string, string[]>): Graph {
  return {
    start_time: null,
    end_time: null,
    root_node_ids: [],
    artifacts: [],
    states: [],
    nodes: Object.entries(nodes).map(([id, parents]) => [
      id,
      {
        id,
        kind: id.startsWith('flow') ? 'flow-run' : 'task-run',
        label: id,
        state_type: 'COMPLETED',
        start_time: '2026-11-22T10:00:00Z',
        end_time: null,
        parents: parents.map((parent) => ({ id: parent })),
        children: [],
        encapsulating: [],
        artifacts: [],
      },
    ]),
  }
}

it('puts each node behind all that it depends on', () => {
  const edges = [edge('a', 'b'), edge('b', 'd'), edge('a', 'd'), edge('c', 'd')]
  const { boxes, width } = arrangeInColumns(sizesOf(['d', 'c', 'b', 'a']), edges)
  for (const { from, to } of edges) expect(boxes.get(from)?.x).toBeLessThan(boxes.get(to)?.x ?? 0)
  expect(width).toBe(3 * SIZE.width + 2 * 72)
})

it('arranges ten thousand nodes about as wide as high, none over another', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
  const { boxes, width, height } = arrangeInColumns(
    sizesOf(ids),
    ids.slice(1).map((id) => edge('n0', id)),
  )
  expect(boxes.size).toBe(10_000)
  expect(new Set([...boxes.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(10_000)
  expect(width / height).toBeGreaterThan(0.5)
  expect(width / height).toBeLessThan(2)
})

it('lets no node of a circle out', () => {
  expect(arrangeInColumns(sizesOf(['a', 'b']), [edge('a', 'b'), edge('b', 'a')]).boxes.size).toBe(2)
})

it('puts the runs of an open sub-flow into it, and leaves out edges to what is not there', () => {
  const nodes = nodesOf(graph({ flow: [], b: ['flow', 'gone'] }), new Map([['flow', graph({ c: [] })]]))
  expect(nodes.map(({ id, parents, inner }) => [id, parents, inner?.map((each) => each.id)])).toEqual([
    ['flow', [], ['c']],
    ['b', ['flow'], undefined],
  ])
})

it('has another shape where an edge, a node or an open sub-flow is more', () => {
  const shapes = [
    nodesOf(graph({ flow: [], b: [] }), new Map()),
    nodesOf(graph({ flow: [], b: ['flow'] }), new Map()),
    nodesOf(graph({ flow: [], b: [], c: [] }), new Map()),
    nodesOf(graph({ flow: [], b: [] }), new Map([['flow', graph({ c: [] })]])),
  ].map(shapeOf)
  expect(new Set(shapes).size).toBe(4)
})

it('shows all of a drawing, and enlarges around the pointer', () => {
  const view = { width: 800, height: 400 }
  const all = fit({ width: 4000, height: 1000 }, view)
  expect(pointAt(all, 400, 200)).toEqual({ x: 2000, y: 500 })
  const near = zoom(all, 2, 100, 50)
  expect(near.scale).toBeCloseTo(all.scale * 2)
  expect(pointAt(near, 100, 50).x).toBeCloseTo(pointAt(all, 100, 50).x)
  const seen = reveal({ x: 0, y: 0, scale: 1 }, { x: 900, y: 10, ...SIZE }, view)
  expect(900 + SIZE.width + seen.x).toBe(800 - 24)
})

it.each<[Direction, string | null, string | null]>([
  ['right', null, 'a'],
  ['right', 'a', 'b'],
  ['left', 'b', 'a'],
  ['down', 'b', 'c'],
  ['up', 'c', 'b'],
  ['up', 'b', null],
])('goes %s from %s to %s', (direction, selected, expected) => {
  const placed = [
    { id: 'a', x: 0, y: 20 },
    { id: 'b', x: 200, y: 0 },
    { id: 'c', x: 200, y: 50 },
  ].map((each) => ({ ...each, ...SIZE, depth: 0 }))
  const layout: GraphLayout = { width: 400, height: 100, placed, edges: [edge('a', 'b'), edge('a', 'c')] }
  const boxes = new Map(placed.map((box) => [box.id, box]))
  expect(neighbour({ layout, boxes, nodes: new Map(), selected }, direction)?.id ?? null).toBe(expected)
})
