// The work queues of all pools by name: to choose one.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

const MOST = 200

/** Ids and names of work queues, each after its pool; up to the server's limit. */
export function queueNamesQuery() {
  return queryOptions({
    queryKey: keyOf('work-pools', 'queue-names'),
    queryFn: async ({ signal }) => {
      const body = { limit: MOST }
      const [queues, pools] = await Promise.all([
        answerOf(api.POST('/work_queues/filter', { body, signal })),
        answerOf(api.POST('/work_pools/filter', { body, signal })),
      ])
      const poolNames = new Map(pools.map(({ id, name }) => [id, name]))
      return queues.map(({ id, name, work_pool_id: pool }) => ({ id, name: after(poolNames.get(pool ?? ''), name) }))
    },
  })
}

function after(pool: string | undefined, queue: string): string {
  return pool === undefined ? queue : `${pool} / ${queue}`
}
