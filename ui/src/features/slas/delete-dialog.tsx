// The question before an agreement is deleted.
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { deleteSla } from '@/api/slas'
import type { Sla } from '@/api/types'
import { ConfirmDialog } from '@/design/confirm-dialog'

interface DeleteDialogProps {
  sla: Sla
  /** Where it leads once the agreement has gone. */
  onDeleted?: () => Promise<void>
  onClose: () => void
}

/** The dialog. */
export function DeleteDialog({ sla, onDeleted, onClose }: DeleteDialogProps) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteSla(sla.id),
    onSuccess: async () => {
      await onDeleted?.()
      client.removeQueries({ queryKey: ['slas', 'one', sla.id] })
      await client.invalidateQueries({ queryKey: ['slas'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${sla.name}?`}
      description="Nobody watches it any more. What it has told stays in the events."
      verb="Delete the agreement"
      done={`Deleted ${sla.name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
