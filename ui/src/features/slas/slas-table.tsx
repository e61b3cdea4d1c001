// Agreements as rows: what each promises, whether it is kept, and whether it is watched.
import { Link } from '@tanstack/react-router'
import { Pencil, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'

import type { Sla } from '@/api/types'
import { IconButton } from '@/design/button'
import { columnsOf, DataTable } from '@/design/data-table'
import { Row } from '@/design/page'
import { SeverityBadge } from '@/design/severity'

import { DeleteDialog } from './delete-dialog'
import { EnabledSwitch, Kept, OwnerLink } from './parts'
import { SlaDialog } from './sla-dialog'
import { ownerOf, termsOf } from './words'

interface SlaRow {
  sla: Sla
  deployment: string | undefined
}

const helper = columnsOf<SlaRow>()
const name = helper.display({
  id: 'name',
  header: 'Agreement',
  cell: ({ row: { original } }) => (
    <Link to="/slas/sla/$id" params={{ id: original.sla.id }}>
      {original.sla.name}
    </Link>
  ),
})
const terms = helper.display({
  id: 'terms',
  header: 'Terms',
  cell: ({ row: { original } }) => termsOf(original.sla),
})
const owner = helper.display({
  id: 'owner',
  header: 'Of',
  cell: ({ row: { original } }) => <OwnerLink sla={original.sla} name={original.deployment} />,
})
const state = helper.columns([
  helper.display({
    id: 'severity',
    header: 'Severity',
    cell: ({ row: { original } }) => <SeverityBadge severity={original.sla.severity} />,
  }),
  helper.display({ id: 'kept', header: 'Status', cell: ({ row: { original } }) => <Kept sla={original.sla} /> }),
  helper.display({
    id: 'enabled',
    header: 'Watched',
    cell: ({ row: { original } }) => <EnabledSwitch sla={original.sla} />,
  }),
])
const verbs = helper.display({
  id: 'verbs',
  header: () => <span className="visually-hidden">Actions</span>,
  cell: ({ row: { original } }) => <Verbs sla={original.sla} />,
})
const columns = helper.columns([name, terms, owner, ...state])
const columnsOfOne = helper.columns([name, terms, ...state, verbs])

interface SlasTableProps {
  slas: readonly Sla[]
  /** The names of the deployments by their ids; left out where all are of one, and can be changed here. */
  names?: ReadonlyMap<string, string>
}

/** The table. */
export function SlasTable({ slas, names }: SlasTableProps) {
  const rows = useMemo(() => slas.map((sla) => ({ sla, deployment: names?.get(ownerOf(sla).key) })), [slas, names])
  return (
    <DataTable
      caption="Agreements"
      columns={names === undefined ? columnsOfOne : columns}
      rows={rows}
      rowKey={({ sla }) => sla.id}
    />
  )
}

function Verbs({ sla }: { sla: Sla }) {
  const [asked, ask] = useState<'change' | 'delete' | null>(null)
  return (
    <Row>
      <IconButton label={`Change ${sla.name}`} icon={<Pencil size={15} aria-hidden />} onClick={() => ask('change')} />
      <IconButton label={`Delete ${sla.name}`} icon={<Trash2 size={15} aria-hidden />} onClick={() => ask('delete')} />
      {asked === 'change' && <SlaDialog sla={sla} onClose={() => ask(null)} />}
      {asked === 'delete' && <DeleteDialog sla={sla} onClose={() => ask(null)} />}
    </Row>
  )
}
