// A layout for very many nodes: a block for each distance from the start, wrapped where it would be a thin tower.
import type { Box, Edge } from './boxes'

type Size = Pick<Box, 'width' | 'height'>

const GAP = { x: 24, y: 8, block: 72 }
/** How much wider than high the place of a node is: by it blocks become about square. */
const ASPECT = 4.75
const TOWER = 40

/** Arrange nodes, each behind all that it depends on. Takes time in proportion to nodes and edges. */
export function arrangeInColumns(sizes: ReadonlyMap<string, Size>, edges: readonly Edge[]) {
  const children = groupBy(
    edges,
    ({ from }) => from,
    ({ to }) => to,
  )
  const parents = groupBy(
    edges,
    ({ to }) => to,
    ({ from }) => from,
  )
  const boxes = new Map<string, Box>()
  const order = new Map<string, number>()
  let x = 0
  for (const rank of ranksOf([...sizes.keys()], children, parents)) {
    sortByParents(rank, parents, order)
    x = placeBlock(rank, sizes, x, boxes) + GAP.block
  }
  const top = [...boxes.values()].reduce((least, { y }) => Math.min(least, y), 0)
  let height = 0
  for (const box of boxes.values()) {
    box.y -= top
    height = Math.max(height, box.y + box.height)
  }
  return { boxes, width: Math.max(0, x - GAP.block), height }
}

/** Nodes by their longest way from a node without parents. */
function ranksOf(ids: string[], children: Map<string, string[]>, parents: Map<string, string[]>): string[][] {
  const missing = new Map(ids.map((id) => [id, parents.get(id)?.length ?? 0]))
  const ranks: string[][] = []
  let rank = ids.filter((id) => missing.get(id) === 0)
  while (rank.length > 0) {
    ranks.push(rank)
    const next: string[] = []
    for (const id of rank) {
      missing.delete(id)
      for (const child of children.get(id) ?? []) {
        const left = (missing.get(child) ?? 0) - 1
        missing.set(child, left)
        if (left === 0) next.push(child)
      }
    }
    rank = next
  }
  // What is left depends on itself, which tasks do not; were it so, it would stand at the end.
  if (missing.size > 0) ranks.push([...missing.keys()])
  return ranks
}

function sortByParents(rank: string[], parents: Map<string, string[]>, order: Map<string, number>) {
  const weights = new Map(
    rank.map((id, index) => {
      const above = (parents.get(id) ?? []).map((parent) => order.get(parent) ?? 0)
      return [id, above.length === 0 ? index : above.reduce((sum, each) => sum + each, 0) / above.length]
    }),
  )
  rank.sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0))
  rank.forEach((id, index) => order.set(id, index / rank.length))
}

/** Place a block with its left edge at `x` and its middle at 0; returns its right edge. */
function placeBlock(rank: string[], sizes: ReadonlyMap<string, Size>, x: number, boxes: Map<string, Box>): number {
  const rows = rank.length <= TOWER ? rank.length : Math.ceil(Math.sqrt(rank.length * ASPECT))
  let left = x
  let right = x
  for (let begin = 0; begin < rank.length; begin += rows) {
    const column = rank.slice(begin, begin + rows)
    const heights = column.map((id) => sizes.get(id)?.height ?? 0)
    let y = -(heights.reduce((sum, height) => sum + height + GAP.y, -GAP.y) / 2)
    for (const id of column) {
      const { width, height } = sizes.get(id) ?? { width: 0, height: 0 }
      boxes.set(id, { x: left, y, width, height })
      y += height + GAP.y
      right = Math.max(right, left + width)
    }
    left = right + GAP.x
  }
  return right
}

function groupBy<T>(all: readonly T[], key: (each: T) => string, value: (each: T) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const each of all) {
    const group = groups.get(key(each))
    if (group === undefined) groups.set(key(each), [value(each)])
    else group.push(value(each))
  }
  return groups
}
