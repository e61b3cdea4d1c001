// The latest runs of one object, and the way to all of them.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { flowRunsQuery } from '@/api/flow-runs'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import { FlowRunsTable } from './flow-runs-table'
import { runsAsked, type RunsSearch } from './search'

const SHOWN = 25
/** Milliseconds after which runs that a schedule is to make are asked for again. */
const ASK_AGAIN = 5000

interface FlowRunsOfProps {
  /** Which runs: as the address of the runs page would say it. */
  of: RunsSearch
  title: string
  none: string
  /** Whether a schedule will make some: of these no event tells. */
  isExpecting?: boolean
}

/** The panel. */
export function FlowRunsOf({ of, title, none, isExpecting = false }: FlowRunsOfProps) {
  const runs = useQuery({
    ...flowRunsQuery({ ...runsAsked(of, Date.now()), limit: SHOWN }),
    refetchInterval: ({ state }) => isExpecting && state.data?.results.length === 0 && ASK_AGAIN,
  })
  const all = (
    <Link to="/runs" search={of}>
      All runs{runs.data !== undefined && ` (${runs.data.count.toLocaleString('en')})`}
    </Link>
  )
  return (
    <Panel title={title} actions={all} isFlush>
      <QueryView query={runs} placeholder={<Skeleton lines={5} height="2rem" />}>
        {({ results }) =>
          results.length === 0 ? <EmptyState title={none} /> : <FlowRunsTable runs={results} caption={title} />
        }
      </QueryView>
    </Panel>
  )
}
