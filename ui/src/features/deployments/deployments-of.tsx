// The deployments of a flow or of a work pool.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { listedDeploymentsQuery } from '@/api/deployments'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { QueryView } from '@/features/query-view'

import { DeploymentsTable } from './deployments-table'
import { askedBy, placeOf } from './list-search'

/** The panel. */
export function DeploymentsOf({ flow, pool }: { flow?: { id: string; name: string }; pool?: string }) {
  const of = { flow: flow?.id, pool }
  const deployments = useQuery(listedDeploymentsQuery(askedBy(of), placeOf(of)))
  const snippet =
    pool === undefined
      ? `${flow?.name ?? 'flow'}.serve(name="nightly", cron="0 2 * * *")`
      : `ostinato deploy ./my_flow.py:my_flow --name nightly --pool ${pool}`
  const all = (
    <Link to="/deployments" search={of}>
      All deployments{deployments.data !== undefined && ` (${deployments.data.count.toLocaleString('en')})`}
    </Link>
  )
  return (
    <Panel title="Deployments" actions={all} isFlush>
      <QueryView query={deployments}>
        {({ results }) =>
          results.length === 0 ? (
            <EmptyState title="No deployments" snippet={snippet} />
          ) : (
            <DeploymentsTable deployments={results} />
          )
        }
      </QueryView>
    </Panel>
  )
}
