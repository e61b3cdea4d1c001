// The tasks and sub-flows of a flow run, with their times and what they depend on.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { Graph } from './types'

/** News of what ended earlier than this before the latest end come too late for an answer of news only. */
const LATENESS = 60_000

/**
 * The graph. Of a run that is live only what may have changed is asked for; when it is not any more, all of it.
 */
export function flowRunGraphQuery(id: string, isLive: boolean) {
  return queryOptions({
    queryKey: keyOf('task-runs', 'graph', id, isLive),
    queryFn: async ({ signal, client, queryKey }): Promise<Graph> => {
      const before = client.getQueryData<Graph>(queryKey)
      const since = isLive && before !== undefined ? lastEnd(before) : null
      const query = since === null ? {} : { since: new Date(since - LATENESS).toISOString() }
      const path = { id }
      const graph = await answerOf(api.GET('/flow_runs/{id}/graph-v2', { params: { path, query }, signal }))
      const news = graph as Graph // the client forgets that nodes are pairs
      return since === null || before === undefined ? news : merged(before, news)
    },
    placeholderData: (before: Graph | undefined, query) => (query?.queryKey[2] === id ? before : undefined),
  })
}

function lastEnd(graph: Graph): number | null {
  let last: number | null = null
  for (const [, { end_time: end }] of graph.nodes) if (end !== null) last = Math.max(last ?? 0, Date.parse(end))
  return last
}

function merged(before: Graph, news: Graph): Graph {
  const nodes = new Map([...before.nodes, ...news.nodes])
  // What was a task run becomes the flow run that it called.
  const roots = new Set([...before.root_node_ids, ...news.root_node_ids])
  return { ...news, nodes: [...nodes], root_node_ids: [...roots] }
}
