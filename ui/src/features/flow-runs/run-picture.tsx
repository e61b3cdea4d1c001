// How a run went, as a picture: by time, or by what depended on what. Which, and what is open, is in the address.
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'

import { flowRunGraphQuery } from '@/api/flow-run-graph'
import type { FlowRun, Graph } from '@/api/types'
import { Button } from '@/design/button'
import { Panel, Row } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import type { FlowRunSearch } from './flow-run-search'
import styles from './run-picture.module.css'
import { isDone } from './states'
import { Timeline } from './timeline'

const RunGraph = lazy(() => import('./graph/run-graph'))

/** Nodes that a graph is drawn of without being asked for. */
const FEW = 500

interface RunPictureProps {
  run: FlowRun
  search: FlowRunSearch
  onSearch: (search: FlowRunSearch) => void
}

/** The panel. */
export function RunPicture({ run, search, onSearch }: RunPictureProps) {
  const graph = useQuery(flowRunGraphQuery(run.id, !isDone(run.state_type)))
  const isGraph = search.view === 'graph'
  const choice = (
    <Row>
      <Button aria-pressed={!isGraph} onClick={() => onSearch({ ...search, view: undefined })}>
        Time-line
      </Button>
      <Button aria-pressed={isGraph} onClick={() => onSearch({ ...search, view: 'graph' })}>
        Graph
      </Button>
    </Row>
  )
  return (
    <Panel title={isGraph ? 'Graph' : 'Time-line'} actions={choice} isFlush>
      <QueryView query={graph} errorTitle="What ran in it could not be loaded">
        {(data) => {
          if (data.nodes.length === 0)
            return (
              <p className={styles.empty}>
                No task and no sub-flow has run {isDone(run.state_type) ? 'in it.' : 'so far.'}
              </p>
            )
          if (!isGraph) return <Timeline graph={data} isRunning={!isDone(run.state_type)} />
          return (
            <AskedFor graph={data}>
              <RunGraph
                graph={data}
                opened={search.open ?? NONE}
                onOpened={(ids) => onSearch({ ...search, open: ids.length === 0 ? undefined : ids })}
              />
            </AskedFor>
          )
        }}
      </QueryView>
    </Panel>
  )
}

const NONE: readonly string[] = []

/** Draws a large graph only when somebody wants it. */
function AskedFor({ graph, children }: { graph: Graph; children: React.ReactNode }) {
  const count = graph.nodes.length
  const [isWanted, setIsWanted] = useState(count <= FEW)
  if (isWanted) return <Suspense fallback={<Skeleton lines={5} />}>{children}</Suspense>
  return (
    <div className={styles.ask}>
      <p>The time-line shows so many more clearly.</p>
      <Button onClick={() => setIsWanted(true)}>Show the graph of {count.toLocaleString('en')} runs</Button>
    </div>
  )
}
