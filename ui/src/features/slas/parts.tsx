// Small parts of the pages about agreements: whose it is, whether it is kept, whether it is watched.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { messageOf } from '@/api/errors'
import { enableSla } from '@/api/slas'
import type { Sla } from '@/api/types'
import { Badge } from '@/design/badge'
import { Switch } from '@/design/switch'
import { Time } from '@/design/time'
import { notify } from '@/design/toast'

import { ownerOf } from './words'

/** The deployment or the tag, as a link; `name` of the deployment, once it is known. */
export function OwnerLink({ sla, name }: { sla: Sla; name: string | undefined }) {
  const { kind, key } = ownerOf(sla)
  if (kind === 'tag')
    return (
      <Link to="/runs" search={{ tags: [key] }}>
        Tag: {key}
      </Link>
    )
  return (
    <Link to="/deployments/deployment/$id" params={{ id: key }}>
      {name ?? `Deployment ${key.slice(0, 8)}…`}
    </Link>
  )
}

/** Whether it was kept as far as is known. */
export function Kept({ sla }: { sla: Sla }) {
  const isOverdue = sla.kind === 'frequency' && sla.enabled && sla.due === null
  return (
    <>
      {sla.last_violated === null ? (
        <Badge tone={sla.enabled ? 'good' : 'plain'}>{sla.enabled ? 'kept' : 'not watched'}</Badge>
      ) : (
        <>
          <Badge tone={isOverdue ? 'bad' : 'warn'}>{isOverdue ? 'violated now' : 'violated'}</Badge>{' '}
          <Time value={sla.last_violated} look="relative" />
        </>
      )}
    </>
  )
}

/** The switch; it changes at once. */
export function EnabledSwitch({ sla }: { sla: Sla }) {
  const client = useQueryClient()
  const enable = useMutation({
    mutationFn: (enabled: boolean) => enableSla(sla.id, enabled),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['slas'] }),
  })
  return (
    <Switch
      label={`${sla.name} is watched`}
      isOn={enable.isPending ? enable.variables : sla.enabled}
      onChange={(isOn) => enable.mutate(isOn)}
    />
  )
}
