// The named limits: how many of their slots are taken, and what can be done with them.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { concurrencyLimitsQuery } from '@/api/concurrency-limits'
import type { ConcurrencyLimit } from '@/api/types'
import { Badge } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import { LimitMenu } from './limit-menu'
import { decayWords, SlotMeter } from './slot-meter'
import { tagOf } from './tags'

const SNIPPET = `from ostinato.concurrency.sync import concurrency, rate_limit

with concurrency("database", occupy=1):
    ...  # at most as many at a time as the limit has slots

rate_limit("api-calls")  # slots that come back by themselves`

const helper = columnsOf<ConcurrencyLimit>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Limit',
    cell: ({ row: { original } }) => (
      <Link to="/concurrency-limits/concurrency-limit/$id" params={{ id: original.id }}>
        {original.name}
      </Link>
    ),
  }),
  helper.display({
    id: 'slots',
    header: 'Slots taken',
    cell: ({ row: { original } }) => <SlotMeter limit={original} />,
  }),
  helper.display({ id: 'decay', header: 'Slots come back', cell: ({ row: { original } }) => decayWords(original) }),
  helper.display({
    id: 'active',
    header: 'State',
    cell: ({ row: { original } }) =>
      original.active ? <Badge tone="good">Active</Badge> : <Badge tone="warn">Not active: nothing waits</Badge>,
  }),
  helper.display({
    id: 'actions',
    header: () => <span className="visually-hidden">Actions</span>,
    cell: ({ row: { original } }) => <LimitMenu limit={original} />,
  }),
])

/** The named limits, those whose name has these letters. */
export function GlobalLimits({ name = '' }: { name?: string }) {
  const limits = useQuery(concurrencyLimitsQuery())
  return (
    <Panel isFlush>
      <QueryView
        query={limits}
        placeholder={<Skeleton lines={4} height="2rem" />}
        errorTitle="The limits could not be loaded"
      >
        {(given) => {
          const all = given.filter((limit) => tagOf(limit) === null)
          const shown = all.filter((limit) => limit.name.toLowerCase().includes(name.toLowerCase()))
          if (all.length === 0)
            return (
              <EmptyState title="No limits yet" snippet={SNIPPET}>
                A named limit has slots, which any code can take: flows, tasks and scripts of every deployment.
              </EmptyState>
            )
          if (shown.length === 0) return <EmptyState title="No limit has that name" />
          return <DataTable caption="Named limits" columns={columns} rows={shown} rowKey={(limit) => limit.id} />
        }}
      </QueryView>
    </Panel>
  )
}
