// What can be done to the deployments that are ticked.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CirclePause, CirclePlay, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { deleteDeployments, pauseDeployments, runsOfDeploymentsQuery } from '@/api/deployments'
import { messageOf } from '@/api/errors'
import { Button } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { notify } from '@/design/toast'
import { type Selection, SelectionBar } from '@/features/selection'

/** The bar; nothing where nothing is ticked. */
export function DeploymentsBar({ selection }: { selection: Selection }) {
  const client = useQueryClient()
  const [isDeleting, setDeleting] = useState(false)
  const ids = [...selection.ids]
  const pause = useMutation({
    mutationFn: (isPaused: boolean) => pauseDeployments(ids, isPaused),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: (changed, isPaused) => {
      notify(changed === 0 ? `They were ${isPaused ? 'paused' : 'not paused'} already` : told(changed, isPaused))
      selection.mark(ids, false)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <SelectionBar label="The selected deployments" selection={selection}>
      <Button
        icon={<CirclePause size={15} aria-hidden />}
        disabled={pause.isPending}
        onClick={() => pause.mutate(true)}
      >
        Pause
      </Button>
      <Button
        icon={<CirclePlay size={15} aria-hidden />}
        disabled={pause.isPending}
        onClick={() => pause.mutate(false)}
      >
        Resume
      </Button>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      {isDeleting && (
        <DeleteDialog ids={ids} onDone={() => selection.mark(ids, false)} onClose={() => setDeleting(false)} />
      )}
    </SelectionBar>
  )
}

function DeleteDialog({ ids, onDone, onClose }: { ids: string[]; onDone: () => void; onClose: () => void }) {
  const client = useQueryClient()
  const runs = useQuery(runsOfDeploymentsQuery(ids))
  const remove = useMutation({
    mutationFn: () => deleteDeployments(ids),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <ConfirmDialog
      title={`Delete ${deploymentsInWords(ids.length)}?`}
      description={`Their schedules end, and automations that belong to them go with them. ${runsInWords(runs.data)}`}
      verb={`Delete ${deploymentsInWords(ids.length)}`}
      done={`Deleted ${deploymentsInWords(ids.length)}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}

function runsInWords(runs: { waiting: number; all: number } | undefined): string {
  if (runs === undefined) return 'Runs that have not begun are taken away, those that have stay.'
  const kept = runs.all - runs.waiting
  const gone =
    runs.waiting === 0 ? 'No run waits to begin' : `${counted(runs.waiting)} that have not begun are taken away`
  return `${gone}; ${kept === 0 ? 'none has begun.' : `${counted(kept)} stay.`}`
}

function told(changed: number, isPaused: boolean): string {
  return `${isPaused ? 'Paused' : 'Resumed'} ${deploymentsInWords(changed)}`
}

function deploymentsInWords(count: number): string {
  return count === 1 ? '1 deployment' : `${count.toLocaleString('en')} deployments`
}

function counted(count: number): string {
  return count === 1 ? '1 run' : `${count.toLocaleString('en')} runs`
}
