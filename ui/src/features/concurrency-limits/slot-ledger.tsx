// The ledger: who holds slots of a limit, since when and until when, and how to take them away.
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { LEDGER_PAGE, revokeLease } from '@/api/concurrency-limits'
import type { HeldSlots, SlotLedger } from '@/api/types'
import { Button } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Pager } from '@/design/pager'
import { StateBadge } from '@/design/states'
import { Time } from '@/design/time'
import type { ListSearch } from '@/lib/list-search'

import { useLimitMutation } from './limit-menu'
import styles from './limits.module.css'

interface LedgerTableProps {
  ledger: SlotLedger
  search: ListSearch
  onSearch: (search: ListSearch) => void
}

/** The leases on a limit. */
export function LedgerTable({ ledger, search, onSearch }: LedgerTableProps) {
  const [chosen, choose] = useState<HeldSlots | null>(null)
  const columns = useMemo(() => columnsWith(choose), [])
  if (ledger.leases.length === 0) return <NoLeases ledger={ledger} />
  return (
    <>
      <DataTable
        caption={`Who holds slots of ${ledger.limit.name}`}
        columns={columns}
        rows={ledger.leases}
        rowKey={(held) => held.lease_id}
      />
      {ledger.lease_count > ledger.leases.length && (
        <Pager
          page={search.page ?? 1}
          limit={search.limit ?? LEDGER_PAGE}
          count={ledger.lease_count}
          onPage={(page) => onSearch({ ...search, page })}
          onLimit={(limit) => onSearch({ limit })}
        />
      )}
      {chosen !== null && <RevokeDialog held={chosen} limit={ledger.limit.name} onClose={() => choose(null)} />}
    </>
  )
}

function NoLeases({ ledger }: { ledger: SlotLedger }) {
  if (ledger.limit.slot_decay_per_second > 0)
    return (
      <EmptyState title="Nobody holds a slot of a rate limit">
        Slots that are taken come back by themselves, whatever becomes of who took them.
      </EmptyState>
    )
  return ledger.unleased_slots > 0 ? (
    <EmptyState title="Nobody is known to hold a slot">
      Slots were taken without a lease: whoever took them gives them back, or they are freed by the menu above.
    </EmptyState>
  ) : (
    <EmptyState title="No slot is taken">Whoever asks next gets one at once.</EmptyState>
  )
}

const helper = columnsOf<HeldSlots>()

function columnsWith(choose: (held: HeldSlots) => void) {
  return helper.columns([
    helper.display({ id: 'holder', header: 'Holder', cell: ({ row: { original } }) => <Holder held={original} /> }),
    helper.display({
      id: 'state',
      header: 'State',
      cell: ({ row: { original } }) =>
        original.state_type && <StateBadge type={original.state_type} name={original.state_name} />,
    }),
    helper.display({ id: 'slots', header: 'Slots', cell: ({ row: { original } }) => original.slots }),
    helper.display({
      id: 'since',
      header: 'Since',
      cell: ({ row: { original } }) => <Time value={original.since} look="relative" />,
    }),
    helper.display({
      id: 'until',
      header: 'Unless renewed, until',
      cell: ({ row: { original } }) =>
        original.until === null ? 'its holder ends' : <Time value={original.until} look="relative" />,
    }),
    helper.display({
      id: 'release',
      header: () => <span className="visually-hidden">Release</span>,
      cell: ({ row: { original } }) => (
        <Button aria-label={`Release the slots of ${holderWords(original)}`} onClick={() => choose(original)}>
          Release
        </Button>
      ),
    }),
  ])
}

function Holder({ held }: { held: HeldSlots }) {
  const { holder, name } = held
  if (holder === null) return <span className={styles.quiet}>A client that did not say for whom</span>
  const { id } = holder
  const label = name ?? `${id.slice(0, 8)}…`
  switch (holder.type) {
    case 'flow_run':
      return (
        <span>
          Flow run{' '}
          <Link to="/runs/flow-run/$id" params={{ id }}>
            {label}
          </Link>
        </span>
      )
    case 'task_run':
      return (
        <span>
          Task run{' '}
          <Link to="/runs/task-run/$id" params={{ id }}>
            {label}
          </Link>
        </span>
      )
    case 'deployment':
      return (
        <span>
          Deployment{' '}
          <Link to="/deployments/deployment/$id" params={{ id }}>
            {label}
          </Link>
        </span>
      )
  }
}

function RevokeDialog({ held, limit, onClose }: { held: HeldSlots; limit: string; onClose: () => void }) {
  const revoke = useLimitMutation(() => revokeLease(held.lease_id))
  const count = held.slots === 1 ? 'the slot' : `${held.slots} slots`
  return (
    <ConfirmDialog
      title={`Take ${count} of ${limit} away from ${holderWords(held)}?`}
      description="The next in line gets what is freed at once. The holder learns of it when it renews its lease: where it is strict it stops then, else it goes on, and more may run at a time than the limit allows. An event tells of it."
      verb="Release"
      done={`Released ${count} of ${limit}`}
      mutation={revoke}
      onClose={onClose}
    />
  )
}

function holderWords({ holder, name, lease_id: id }: HeldSlots): string {
  return name ?? (holder === null ? `lease ${id.slice(0, 8)}…` : `${holder.id.slice(0, 8)}…`)
}
