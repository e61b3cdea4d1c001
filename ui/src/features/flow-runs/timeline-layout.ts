// Where the bars of a time-line stand: arithmetic only.
import type { Graph, StateType } from '@/api/types'

export interface Bar {
  id: string
  kind: 'flow-run' | 'task-run'
  label: string
  state: StateType
  /** Parts of the whole width, 0 to 1. */
  from: number
  to: number
  seconds: number
}

export interface Layout {
  bars: Bar[]
  /** The length of the whole, at least a millisecond. */
  seconds: number
}

/** What is known of a graph's times, in milliseconds; by start. Reading it takes longer than laying it out. */
export interface Spans {
  nodes: { node: Node; start: number; end: number | null }[]
  first: number
  last: number | null
}
type Node = Graph['nodes'][number][1]

/** Read the times of a graph. */
export function spansOf(graph: Graph): Spans {
  const nodes = graph.nodes
    .map(([, node]) => ({
      node,
      start: Date.parse(node.start_time),
      end: node.end_time === null ? null : Date.parse(node.end_time),
    }))
    .sort((one, other) => one.start - other.start || (one.end ?? Infinity) - (other.end ?? Infinity))
  const begin = graph.start_time === null ? Infinity : Date.parse(graph.start_time)
  const last = graph.end_time === null ? null : Date.parse(graph.end_time)
  return { nodes, first: Math.min(begin, nodes[0]?.start ?? Infinity), last }
}

/** Lay spans out; those of what runs reach to `now` (milliseconds). */
export function layOut({ nodes, first, last }: Spans, now: number): Layout {
  const ends = nodes.map(({ start, end }) => end ?? Math.max(start, now))
  const lastEnd = ends.reduce((most, end) => Math.max(most, end), first)
  const span = Math.max(Math.max(lastEnd, last ?? now) - first, 1)
  const bars = nodes.map(({ node, start }, index) => {
    const end = ends[index] ?? start
    return {
      id: node.id,
      kind: node.kind,
      label: node.label,
      state: node.state_type,
      from: (start - first) / span,
      to: (end - first) / span,
      seconds: (end - start) / 1000,
    }
  })
  return { bars, seconds: span / 1000 }
}
