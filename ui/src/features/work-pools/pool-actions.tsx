// What can be done with a work pool: pause it, let it go on, change it, delete it.
import { useNavigate } from '@tanstack/react-router'
import { CirclePause, CirclePlay, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { WorkPool } from '@/api/types'
import { pauseWorkPool } from '@/api/work-pools'
import { Button, IconButton } from '@/design/button'
import { LinkButton } from '@/design/link-button'
import { Menu, MenuItem } from '@/design/overlays'
import { notify } from '@/design/toast'

import { DeletePoolDialog } from './delete-dialogs'
import { usePoolMutation } from './use-pool-mutation'

/** The button that pauses a pool or lets it go on. */
export function PauseButton({ pool }: { pool: WorkPool }) {
  const pause = usePause(pool)
  return (
    <Button
      isBusy={pause.isPending}
      icon={pool.is_paused ? <CirclePlay size={15} aria-hidden /> : <CirclePause size={15} aria-hidden />}
      onClick={() => pause.mutate()}
    >
      {pool.is_paused ? 'Resume' : 'Pause'}
    </Button>
  )
}

/** The buttons on the page of a pool. */
export function PoolActions({ pool }: { pool: WorkPool }) {
  return (
    <>
      <PauseButton pool={pool} />
      <LinkButton
        to="/work-pools/work-pool/$name/edit"
        params={{ name: pool.name }}
        icon={<Pencil size={15} aria-hidden />}
      >
        Edit
      </LinkButton>
      <DeleteButton pool={pool} />
    </>
  )
}

function DeleteButton({ pool }: { pool: WorkPool }) {
  const navigate = useNavigate()
  const [isAsked, ask] = useState(false)
  return (
    <>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => ask(true)}>
        Delete
      </Button>
      {isAsked && (
        <DeletePoolDialog
          name={pool.name}
          onClose={() => ask(false)}
          onDeleted={() => void navigate({ to: '/work-pools' })}
        />
      )}
    </>
  )
}

/** The same as a menu, in a row of the list. */
export function PoolMenu({ pool }: { pool: WorkPool }) {
  const navigate = useNavigate()
  const pause = usePause(pool)
  const [isAsked, ask] = useState(false)
  return (
    <>
      <Menu
        trigger={<IconButton label={`What can be done with ${pool.name}`} icon={<Ellipsis size={17} aria-hidden />} />}
      >
        <MenuItem
          icon={pool.is_paused ? <CirclePlay size={15} aria-hidden /> : <CirclePause size={15} aria-hidden />}
          onSelect={() => pause.mutate()}
        >
          {pool.is_paused ? 'Resume' : 'Pause'}
        </MenuItem>
        <MenuItem
          icon={<Pencil size={15} aria-hidden />}
          onSelect={() => void navigate({ to: '/work-pools/work-pool/$name/edit', params: { name: pool.name } })}
        >
          Edit
        </MenuItem>
        <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => ask(true)}>
          Delete
        </MenuItem>
      </Menu>
      {isAsked && <DeletePoolDialog name={pool.name} onClose={() => ask(false)} />}
    </>
  )
}

function usePause(pool: WorkPool) {
  const isToPause = !pool.is_paused
  return usePoolMutation(() => pauseWorkPool(pool.name, isToPause), {
    onSuccess: () => notify(isToPause ? `Paused ${pool.name}: workers get no more runs` : `Resumed ${pool.name}`),
  })
}
