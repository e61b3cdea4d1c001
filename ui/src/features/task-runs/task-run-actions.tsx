// What can be done to a task run.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Copy, Ellipsis, PencilLine, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { deleteTaskRun, setTaskRunState } from '@/api/task-runs'
import type { NamedTaskRun } from '@/api/types'
import { IconButton } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Menu, MenuItem } from '@/design/overlays'
import { notify } from '@/design/toast'
import { ChangeStateDialog } from '@/features/change-state/public'

/** The menu of a task run's page, with what it asks. */
export function TaskRunActions({ run }: { run: NamedTaskRun }) {
  const [asked, setAsked] = useState<'delete' | 'state' | null>(null)
  const client = useQueryClient()
  const close = () => setAsked(null)
  return (
    <>
      <Menu trigger={<IconButton label="More" icon={<Ellipsis size={17} aria-hidden />} />}>
        <MenuItem icon={<PencilLine size={15} aria-hidden />} onSelect={() => setAsked('state')}>
          Change the state
        </MenuItem>
        <MenuItem
          icon={<Copy size={15} aria-hidden />}
          onSelect={() => void navigator.clipboard.writeText(run.id).then(() => notify('Copied the id'))}
        >
          Copy the id
        </MenuItem>
        <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => setAsked('delete')}>
          Delete
        </MenuItem>
      </Menu>
      {asked === 'state' && (
        <ChangeStateDialog
          run={run}
          description="Only what the server says changes: a task that runs goes on, and its flow run keeps its own state."
          onChange={async (state) => {
            await setTaskRunState(run.id, state)
            await client.invalidateQueries({ queryKey: ['task-runs'] })
          }}
          onClose={close}
        />
      )}
      {asked === 'delete' && <DeleteDialog run={run} onClose={close} />}
    </>
  )
}

function DeleteDialog({ run, onClose }: { run: NamedTaskRun; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteTaskRun(run.id),
    onSuccess: async () => {
      if (run.flow_run_id === null) await navigate({ to: '/runs' })
      else await navigate({ to: '/runs/flow-run/$id', params: { id: run.flow_run_id }, search: { tab: 'task-runs' } })
      await client.invalidateQueries({ queryKey: ['task-runs'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${run.name}?`}
      description="Its states and logs go with it; its artifacts stay. This cannot be undone."
      verb="Delete the task run"
      done={`Deleted ${run.name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
