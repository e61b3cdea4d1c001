// The graph of a run as it is drawn: nodes with what they depend on, sub-flows with their own nodes where they are open.
import type { Graph, StateType } from '@/api/types'

export interface GraphNode {
  id: string
  kind: 'flow-run' | 'task-run'
  label: string
  state: StateType
  start: string
  end: string | null
  artifacts: readonly { id: string; key: string | null; type: string | null }[]
  /** What it got inputs from. */
  parents: string[]
  /** The task runs that it ran within. */
  within: string[]
  /** What is in it, where it is an open sub-flow. */
  inner: GraphNode[] | null
}

/** The nodes of a run; `opened` has the graphs of sub-flows that are open, by their ids. */
export function nodesOf(graph: Graph, opened: ReadonlyMap<string, Graph>): GraphNode[] {
  return nodesWithin(graph, opened, new Set())
}

function nodesWithin(graph: Graph, opened: ReadonlyMap<string, Graph>, around: ReadonlySet<string>): GraphNode[] {
  const ids = new Set(graph.nodes.map(([id]) => id))
  const known = (edges: readonly { id: string }[]) => edges.map(({ id }) => id).filter((id) => ids.has(id))
  return graph.nodes.map(([id, node]) => {
    const inner = around.has(id) ? undefined : opened.get(id)
    return {
      id,
      kind: node.kind,
      label: node.label,
      state: node.state_type,
      start: node.start_time,
      end: node.end_time,
      artifacts: node.artifacts,
      parents: known(node.parents),
      within: known(node.encapsulating),
      inner: inner === undefined ? null : nodesWithin(inner, opened, new Set([...around, id])),
    }
  })
}

/** What decides where nodes stand: two graphs of the same shape are laid out alike. */
export function shapeOf(nodes: readonly GraphNode[]): string {
  return nodes
    .map(({ id, parents, within, inner }) => {
      const edges = [...parents, '|', ...within].join()
      return `${id}<${edges}${inner === null ? '' : `{${shapeOf(inner)}}`}`
    })
    .join(';')
}
