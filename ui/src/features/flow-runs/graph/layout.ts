// Where the nodes of a graph stand. ELK draws what people can follow; beyond that, columns by distance from the start.
import ELK, { type ElkNode } from 'elkjs/lib/elk-api'
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker'

import type { Box, Edge } from './boxes'
import { arrangeInColumns } from './columns'
import type { GraphNode } from './model'

export const NODE = { width: 184, height: 34 }
const PADDING = 14
const HEADER = 32
/** Nodes of one run that ELK is given, which takes more than a second for twice as many. */
const MOST_FOR_ELK = 300

export interface Placed extends Box {
  id: string
  /** How many sub-flows are around it. */
  depth: number
}

export interface GraphLayout {
  width: number
  height: number
  /** Each sub-flow before what is in it. */
  placed: Placed[]
  edges: Edge[]
}

type Size = Pick<Box, 'width' | 'height'>

/** Lay the nodes out, in a worker where it takes long. */
export async function layOutGraph(nodes: readonly GraphNode[]): Promise<GraphLayout> {
  const inner = new Map<string, GraphLayout>()
  for (const node of nodes) if (node.inner !== null) inner.set(node.id, await layOutGraph(node.inner))
  const edges = nodes.flatMap(edgesOf)
  const sizes = new Map(nodes.map(({ id }) => [id, sizeOf(inner.get(id))]))
  const { boxes, width, height } =
    nodes.length <= MOST_FOR_ELK ? await byElk(sizes, edges) : arrangeInColumns(sizes, edges)
  const placed: Placed[] = []
  for (const [id, box] of boxes) {
    placed.push({ id, ...box, depth: 0 })
    const layout = inner.get(id)
    if (layout === undefined) continue
    const [dx, dy] = [box.x + PADDING, box.y + HEADER]
    for (const each of layout.placed) placed.push({ ...each, x: each.x + dx, y: each.y + dy, depth: each.depth + 1 })
    edges.push(...layout.edges)
  }
  return { width, height, placed, edges }
}

function edgesOf({ id, parents, within }: GraphNode): Edge[] {
  return [
    ...parents.map((from) => ({ from, to: id, isWithin: false })),
    ...within.map((from) => ({ from, to: id, isWithin: true })),
  ]
}

function sizeOf(inner: GraphLayout | undefined): Size {
  if (inner === undefined) return NODE
  return {
    width: Math.max(NODE.width, inner.width + 2 * PADDING),
    height: Math.max(NODE.height, inner.height + HEADER + PADDING),
  }
}

let elk: InstanceType<typeof ELK> | undefined

async function byElk(sizes: ReadonlyMap<string, Size>, edges: readonly Edge[]) {
  elk ??= new ELK({ workerFactory: () => new ElkWorker() })
  const graph: ElkNode = {
    id: 'run',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.layered.spacing.nodeNodeBetweenLayers': '44',
      'elk.spacing.nodeNode': '12',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
    children: [...sizes].map(([id, { width, height }]) => ({ id, width, height })),
    edges: edges.map(({ from, to }, index) => ({ id: String(index), sources: [from], targets: [to] })),
  }
  const found = await elk.layout(graph)
  const boxes = new Map<string, Box>()
  for (const { id, x = 0, y = 0, width = 0, height = 0 } of found.children ?? []) boxes.set(id, { x, y, width, height })
  return { boxes, width: found.width ?? 0, height: found.height ?? 0 }
}
