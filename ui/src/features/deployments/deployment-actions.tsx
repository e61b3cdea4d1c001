// What can be done with a deployment: run it, change it, copy it, pause it, delete it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CirclePause, CirclePlay, Copy, Ellipsis, Pencil, Play, SlidersHorizontal, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { deleteDeployment, pauseDeployment, runDeployment } from '@/api/deployments'
import { messageOf } from '@/api/errors'
import type { Deployment } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Menu, MenuItem } from '@/design/overlays'
import { notify } from '@/design/toast'

import { DuplicateDialog } from './duplicate-dialog'
import { RunDialog } from './lazy-run-dialog'
import { hasRequired } from './parameters'

/** The buttons and the menu, with the dialogs that they open. */
export function DeploymentActions({ deployment }: { deployment: Deployment }) {
  const navigate = useNavigate()
  const [open, setOpen] = useState<'run' | 'duplicate' | 'delete' | null>(null)
  const run = useMutation({
    mutationFn: () => runDeployment(deployment.id, {}),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: ({ id }) => navigate({ to: '/runs/flow-run/$id', params: { id } }),
  })
  const close = () => setOpen(null)
  return (
    <>
      <Button
        look="primary"
        icon={<Play size={15} aria-hidden />}
        isBusy={run.isPending}
        onClick={() => (hasRequired(deployment) ? setOpen('run') : run.mutate())}
      >
        Run now
      </Button>
      <Button icon={<SlidersHorizontal size={15} aria-hidden />} onClick={() => setOpen('run')}>
        Custom run
      </Button>
      <Menu trigger={<IconButton label="More" icon={<Ellipsis size={17} aria-hidden />} />}>
        <MenuItem
          icon={<Pencil size={15} aria-hidden />}
          onSelect={() => void navigate({ to: '/deployments/edit/$id', params: { id: deployment.id } })}
        >
          Edit
        </MenuItem>
        <MenuItem icon={<Copy size={15} aria-hidden />} onSelect={() => setOpen('duplicate')}>
          Duplicate
        </MenuItem>
        <PauseItem deployment={deployment} />
        <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => setOpen('delete')}>
          Delete
        </MenuItem>
      </Menu>
      {open === 'run' && <RunDialog deployment={deployment} onClose={close} />}
      {open === 'duplicate' && <DuplicateDialog deployment={deployment} onClose={close} />}
      {open === 'delete' && <DeleteDialog deployment={deployment} onClose={close} />}
    </>
  )
}

function PauseItem({ deployment: { id, paused } }: { deployment: Deployment }) {
  const client = useQueryClient()
  const pause = useMutation({
    mutationFn: () => pauseDeployment(id, !paused),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <MenuItem
      icon={paused ? <CirclePlay size={15} aria-hidden /> : <CirclePause size={15} aria-hidden />}
      onSelect={() => pause.mutate()}
    >
      {paused ? 'Resume its schedules' : 'Pause its schedules'}
    </MenuItem>
  )
}

function DeleteDialog({ deployment: { id, name }, onClose }: { deployment: Deployment; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteDeployment(id),
    onSuccess: async () => {
      await navigate({ to: '/deployments' })
      await client.invalidateQueries({ queryKey: ['deployments'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      description="Its schedules and the automations that it owns end, and runs that have not started are taken away. Runs that have stay."
      verb="Delete the deployment"
      done={`Deleted ${name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
