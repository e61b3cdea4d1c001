// What depended on what in a run: tasks and sub-flows as boxes in their states, sub-flows to be opened in place.
import { useQueries } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Maximize, Minus, Plus } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'

import { flowRunGraphQuery } from '@/api/flow-run-graph'
import type { Graph } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { Skeleton } from '@/design/skeleton'
import { StateBadge } from '@/design/states'
import { RunningDuration } from '@/design/time'

import { isDone } from '../states'
import styles from './graph.module.css'
import { GraphCanvas, type GraphControls } from './graph-canvas'
import { type GraphLayout, layOutGraph } from './layout'
import { type GraphNode, nodesOf, shapeOf } from './model'

interface RunGraphProps {
  graph: Graph
  /** The ids of sub-flows that are open. */
  opened: readonly string[]
  onOpened: (ids: string[]) => void
}

/** The graph. */
export default function RunGraph({ graph, opened, onOpened }: RunGraphProps) {
  const nodes = useNodes(graph, opened)
  const layout = useLayout(nodes)
  const navigate = useNavigate()
  const [selected, setSelected] = useState<string | null>(null)
  const byId = useMemo(() => new Map(flattened(nodes).map((node) => [node.id, node])), [nodes])
  const boxes = useMemo(() => new Map(layout?.placed.map((box) => [box.id, box])), [layout])
  const drawing = useMemo(
    () => (layout === null ? null : { layout, nodes: byId, boxes, selected }),
    [layout, byId, boxes, selected],
  )
  if (drawing === null) return <Skeleton lines={5} />
  const chosen = selected === null ? undefined : byId.get(selected)
  const toggle = (id: string) => {
    if (byId.get(id)?.kind !== 'flow-run') return
    onOpened(opened.includes(id) ? opened.filter((each) => each !== id) : [...opened, id])
  }
  const open = (id: string) =>
    void navigate({
      to: byId.get(id)?.kind === 'flow-run' ? '/runs/flow-run/$id' : '/runs/task-run/$id',
      params: { id },
    })
  return (
    <GraphCanvas
      drawing={drawing}
      label={`Graph of ${byId.size.toLocaleString('en')} runs`}
      onSelect={setSelected}
      onOpen={open}
      onToggle={toggle}
    >
      {(controls) => (
        <>
          <Controls controls={controls} />
          <div aria-live="polite">
            {chosen && <Chosen node={chosen} isOpen={opened.includes(chosen.id)} onToggle={() => toggle(chosen.id)} />}
          </div>
        </>
      )}
    </GraphCanvas>
  )
}

function Controls({ controls }: { controls: GraphControls }) {
  return (
    <div className={styles.controls}>
      <IconButton label="Larger" icon={<Plus size={16} aria-hidden />} onClick={controls.zoomIn} />
      <IconButton label="Smaller" icon={<Minus size={16} aria-hidden />} onClick={controls.zoomOut} />
      <IconButton label="Show all" icon={<Maximize size={16} aria-hidden />} onClick={controls.fit} />
    </div>
  )
}

/** What is known of the node that is chosen, and the ways from it. */
function Chosen({ node, isOpen, onToggle }: { node: GraphNode; isOpen: boolean; onToggle: () => void }) {
  const to = node.kind === 'flow-run' ? '/runs/flow-run/$id' : '/runs/task-run/$id'
  return (
    <div className={styles.chosen}>
      <Link to={to} params={{ id: node.id }}>
        {node.label}
      </Link>
      <StateBadge type={node.state} />
      {(node.end !== null || node.state === 'RUNNING') && <RunningDuration from={node.start} to={node.end} />}
      {node.artifacts.map(({ id, key, type }) => (
        <Link key={id} to="/artifacts/artifact/$id" params={{ id }}>
          ◆ {key ?? type ?? 'artifact'}
        </Link>
      ))}
      {node.kind === 'flow-run' && (
        <Button onClick={onToggle}>{isOpen ? 'Close in the graph' : 'Open in the graph'}</Button>
      )}
    </div>
  )
}

/** The nodes, with those of open sub-flows as soon as they are there. */
function useNodes(graph: Graph, opened: readonly string[]): GraphNode[] {
  const known = useMemo(() => new Map(graph.nodes), [graph])
  const inner = useQueries({
    queries: opened.map((id) => {
      const node = known.get(id)
      return flowRunGraphQuery(id, node !== undefined && !isDone(node.state_type))
    }),
    combine: (queries) => queries.map(({ data }) => data),
  })
  return useMemo(() => {
    const graphs = new Map<string, Graph>()
    opened.forEach((id, index) => {
      const found = inner[index]
      if (found !== undefined && found.nodes.length > 0) graphs.set(id, found)
    })
    return nodesOf(graph, graphs)
  }, [graph, opened, inner])
}

/** Where the nodes stand, asked for anew where their shape has changed. The former layout stays until then. */
function useLayout(nodes: GraphNode[]): GraphLayout | null {
  const [layout, setLayout] = useState<GraphLayout | null>(null)
  const shape = useMemo(() => shapeOf(nodes), [nodes])
  useEffect(() => {
    let isCurrent = true
    void layOutGraph(nodes).then((next) => isCurrent && setLayout(next))
    return () => {
      isCurrent = false
    }
    // States change more often than shapes, and move nothing.
  }, [shape]) // eslint-disable-line react-hooks/exhaustive-deps
  return layout
}

function flattened(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => (node.inner === null ? [node] : [node, ...flattened(node.inner)]))
}
