// Finding objects of many nouns by a part of their names, for the command palette.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import type { Deployment, FlowRun, WorkPool } from './types'

const MOST = 5

interface Named {
  id: string
  name: string
}

export interface Found {
  runs: FlowRun[]
  flows: Named[]
  deployments: Deployment[]
  pools: WorkPool[]
  automations: Named[]
  blocks: { id: string; name: string | null }[]
  variables: Named[]
}

/** The first objects whose names contain the text; a noun that cannot be asked has none. */
export function searchQuery(text: string) {
  const name = { like_: text }
  return queryOptions({
    queryKey: ['search', text] as const,
    queryFn: async ({ signal }): Promise<Found> => {
      const rest = { limit: MOST }
      const [runs, flows, deployments, pools, automations, blocks, variables] = await Promise.all([
        orNone(
          api.POST('/flow_runs/filter', { body: { flow_runs: { name }, sort: 'START_TIME_DESC', ...rest }, signal }),
        ),
        orNone(api.POST('/flows/filter', { body: { flows: { name }, ...rest }, signal })),
        orNone(
          api.POST('/deployments/filter', {
            body: { deployments: { flow_or_deployment_name: name }, sort: 'NAME_ASC', ...rest },
            signal,
          }),
        ),
        orNone(api.POST('/work_pools/filter', { body: { work_pools: { name }, ...rest }, signal })),
        orNone(api.POST('/automations/filter', { body: { automations: { name }, sort: 'NAME_ASC', ...rest }, signal })),
        orNone(api.POST('/block_documents/filter', { body: { block_documents: { name }, ...rest }, signal })),
        orNone(api.POST('/variables/filter', { body: { variables: { name }, ...rest }, signal })),
      ])
      return { runs, flows, deployments, pools, automations, blocks, variables }
    },
    placeholderData: keepPreviousData,
  })
}

function orNone<T>(asked: Parameters<typeof answerOf<T[]>>[0]) {
  return answerOf<T[]>(asked).catch(() => [])
}
