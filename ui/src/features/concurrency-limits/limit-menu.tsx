// What can be done with a named limit: a menu, and the dialogs that it opens.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, Pencil, Trash2, Unlock } from 'lucide-react'
import { useState } from 'react'

import { deleteConcurrencyLimit, freeSlots } from '@/api/concurrency-limits'
import type { ConcurrencyLimit } from '@/api/types'
import { IconButton } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Menu, MenuItem } from '@/design/overlays'

import { LimitDialog } from './limit-dialog'

interface LimitMenuProps {
  limit: ConcurrencyLimit
  /** Called once the limit is deleted. */
  onDeleted?: () => void
}

/** The menu. */
export function LimitMenu({ limit, onDeleted }: LimitMenuProps) {
  const [choice, choose] = useState<'change' | 'free' | 'delete' | null>(null)
  const close = () => choose(null)
  return (
    <>
      <Menu
        trigger={<IconButton label={`What can be done with ${limit.name}`} icon={<Ellipsis size={17} aria-hidden />} />}
      >
        <MenuItem icon={<Pencil size={15} aria-hidden />} onSelect={() => choose('change')}>
          Change
        </MenuItem>
        <MenuItem
          icon={<Unlock size={15} aria-hidden />}
          isDisabled={limit.active_slots === 0}
          onSelect={() => choose('free')}
        >
          Free all slots
        </MenuItem>
        <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => choose('delete')}>
          Delete
        </MenuItem>
      </Menu>
      {choice === 'change' && <LimitDialog limit={limit} onClose={close} />}
      {choice === 'free' && <FreeDialog limit={limit} onClose={close} />}
      {choice === 'delete' && <DeleteDialog limit={limit} onClose={close} onDeleted={onDeleted} />}
    </>
  )
}

function FreeDialog({ limit, onClose }: { limit: ConcurrencyLimit; onClose: () => void }) {
  const free = useLimitMutation(() => freeSlots(limit.id))
  return (
    <ConfirmDialog
      title={`Free all slots of ${limit.name}?`}
      description="Those who hold them go on and are not told: for a while more may run at a time than the limit allows."
      verb="Free the slots"
      done={`Freed the slots of ${limit.name}`}
      mutation={free}
      onClose={onClose}
    />
  )
}

function DeleteDialog({ limit, onClose, onDeleted }: LimitMenuProps & { onClose: () => void }) {
  const remove = useLimitMutation(async () => {
    await deleteConcurrencyLimit(limit.id)
    onDeleted?.()
  })
  return (
    <ConfirmDialog
      title={`Delete ${limit.name}?`}
      description="Code that takes its slots will no longer wait, or fail where it is strict."
      verb="Delete the limit"
      done={`Deleted ${limit.name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}

/** A change of limits, after which they are asked for again. */
export function useLimitMutation(mutationFn: () => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSettled: () => client.invalidateQueries({ queryKey: ['concurrency-limits'] }),
  })
}
