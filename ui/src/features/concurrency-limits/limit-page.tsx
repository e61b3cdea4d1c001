// One limit: how many of its slots are taken and how many were asked for in vain, and the ledger of who holds them.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'

import { LEDGER_PAGE, slotLedgerQuery } from '@/api/concurrency-limits'
import { useTagNews } from '@/api/live'
import type { SlotLedger } from '@/api/types'
import { Badge } from '@/design/badge'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Duration, Time } from '@/design/time'
import { QueryView } from '@/features/query-view'
import type { ListSearch } from '@/lib/list-search'

import { LimitMenu } from './limit-menu'
import { decayWords, DrainingMeter, SlotMeter } from './slot-meter'
import { LedgerTable } from './slot-ledger'
import { tagOf } from './tags'

interface LimitPageProps {
  id: string
  search: ListSearch
  onSearch: (search: ListSearch) => void
}

/** The page. */
export function LimitPage({ id, search, onSearch }: LimitPageProps) {
  const ledger = useQuery(slotLedgerQuery(id, search.page ?? 1, search.limit ?? LEDGER_PAGE))
  return (
    <QueryView query={ledger} placeholder={<Skeleton lines={6} />} errorTitle="The limit could not be loaded">
      {(found) => <Loaded ledger={found} search={search} onSearch={onSearch} />}
    </QueryView>
  )
}

function Loaded({ ledger, search, onSearch }: Omit<LimitPageProps, 'id'> & { ledger: SlotLedger }) {
  const navigate = useNavigate()
  const { limit } = ledger
  const tag = tagOf(limit)
  useTagNews(tag === null ? [] : [tag])
  const tab = tag === null ? undefined : 'tags'
  return (
    <Page
      title={tag === null ? limit.name : `Tag ${tag}`}
      trail={
        <Link to="/concurrency-limits" search={{ tab }}>
          Concurrency limits
        </Link>
      }
      actions={
        <LimitMenu limit={limit} onDeleted={() => void navigate({ to: '/concurrency-limits', search: { tab } })} />
      }
    >
      <Panel title="Slots">
        <Facts facts={factsOf(ledger)} />
      </Panel>
      <Panel title="Who holds them" isFlush>
        <LedgerTable ledger={ledger} search={search} onSearch={onSearch} />
      </Panel>
    </Page>
  )
}

function factsOf(ledger: SlotLedger) {
  const { limit } = ledger
  const decays = limit.slot_decay_per_second > 0
  const denied = Math.round(ledger.denied_slots)
  return [
    [
      'Taken',
      decays ? <DrainingMeter key="taken" ledger={ledger} /> : <SlotMeter key="taken" limit={limit} />,
    ] as const,
    ['Slots come back', decayWords(limit)] as const,
    ['Without a lease', !decays && ledger.unleased_slots > 0 ? Math.ceil(ledger.unleased_slots) : null] as const,
    ['Asked for in vain lately', denied > 0 ? `about ${denied.toLocaleString('en')}` : 'none'] as const,
    [
      'Held on average for',
      decays ? null : <Duration key="held" seconds={ledger.avg_slot_occupancy_seconds} />,
    ] as const,
    [
      'State',
      limit.active ? (
        <Badge key="state" tone="good">
          Active
        </Badge>
      ) : (
        <Badge key="state" tone="warn">
          Not active: nothing waits
        </Badge>
      ),
    ] as const,
    ['Changed', limit.updated && <Time key="updated" value={limit.updated} />] as const,
  ]
}
