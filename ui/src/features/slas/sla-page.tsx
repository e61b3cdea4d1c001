// An agreement: what it promises, whether it is kept, and each time when it was not.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { deploymentNamesQuery } from '@/api/deployments'
import { slaQuery } from '@/api/slas'
import type { Sla } from '@/api/types'
import { Button } from '@/design/button'
import { Facts, Page, Panel } from '@/design/page'
import { SeverityBadge } from '@/design/severity'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { DeleteDialog } from './delete-dialog'
import { EnabledSwitch, Kept, OwnerLink } from './parts'
import { SlaDialog } from './sla-dialog'
import { ViolationsOfSla } from './violations'
import { KIND_LABELS, ownerOf, termsOf } from './words'

/** The page. */
export function SlaPage({ id }: { id: string }) {
  const sla = useQuery(slaQuery(id))
  return (
    <QueryView query={sla} placeholder={<Skeleton lines={6} />} errorTitle="The agreement could not be loaded">
      {(data) => <Loaded sla={data} />}
    </QueryView>
  )
}

function Loaded({ sla }: { sla: Sla }) {
  const owner = ownerOf(sla)
  const names = useQuery(deploymentNamesQuery(owner.kind === 'deployment' ? [owner.key] : []))
  return (
    <Page
      title={sla.name}
      heading={
        <>
          {sla.name} <SeverityBadge severity={sla.severity} /> <EnabledSwitch sla={sla} />
        </>
      }
      trail={<Link to="/slas">SLAs</Link>}
      actions={<Actions sla={sla} />}
    >
      <Panel title="Agreement">
        <Facts
          facts={[
            ['Terms', termsOf(sla)],
            ['Of', <OwnerLink key="of" sla={sla} name={names.data?.get(owner.key)} />],
            ['Kind', KIND_LABELS[sla.kind]],
            ['Status', <Kept key="kept" sla={sla} />],
            ['Another run must complete until', sla.due && sla.enabled && <Time value={sla.due} />],
            ['Created', <Time key="created" value={sla.created} />],
            ['Changed', <Time key="updated" value={sla.updated} />],
            ['Id', <code key="id">{sla.id}</code>],
          ]}
        />
      </Panel>
      <ViolationsOfSla slaId={sla.id} />
    </Page>
  )
}

function Actions({ sla }: { sla: Sla }) {
  const navigate = useNavigate()
  const [asked, ask] = useState<'change' | 'delete' | null>(null)
  return (
    <>
      <Button icon={<Pencil size={15} aria-hidden />} onClick={() => ask('change')}>
        Change
      </Button>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => ask('delete')}>
        Delete
      </Button>
      {asked === 'change' && <SlaDialog sla={sla} onClose={() => ask(null)} />}
      {asked === 'delete' && (
        <DeleteDialog sla={sla} onDeleted={() => navigate({ to: '/slas' })} onClose={() => ask(null)} />
      )}
    </>
  )
}
