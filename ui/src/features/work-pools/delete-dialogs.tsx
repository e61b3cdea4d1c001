// Asks before a pool, a queue or a worker is deleted, and says what that will do.
import { useQuery } from '@tanstack/react-query'

import { deleteWorkPool, workPoolLoadQuery } from '@/api/work-pools'
import { deleteWorkQueue, dependentsQuery } from '@/api/work-queues'
import { deleteWorker } from '@/api/workers'
import { ConfirmDialog } from '@/design/confirm-dialog'

import { usePoolMutation } from './use-pool-mutation'
import { sumsOf } from './waiting'

interface DeleteDialogProps {
  onClose: () => void
  /** Where to go afterwards, from a page that is gone then. */
  onDeleted?: () => void
}

/** Deletes a work pool; its name has to be typed. */
export function DeletePoolDialog({ name, onClose, onDeleted }: DeleteDialogProps & { name: string }) {
  const remove = usePoolMutation(() => deleteWorkPool(name), { onSuccess: onDeleted, isTold: true })
  const load = useQuery(workPoolLoadQuery(name)).data
  const dependents = useQuery(dependentsQuery(name)).data
  return (
    <ConfirmDialog
      title={`Delete the work pool ${name}?`}
      description={sentences(
        'Its queues and its workers are deleted with it.',
        lost('work pool', dependents),
        load && ongoing(sumsOf(load).slots),
      )}
      verb="Delete the work pool"
      done={`Deleted ${name}`}
      typed={name}
      mutation={remove}
      onClose={onClose}
    />
  )
}

/** Deletes a queue of a pool. */
export function DeleteQueueDialog({
  pool,
  name,
  onClose,
  onDeleted,
}: DeleteDialogProps & { pool: string; name: string }) {
  const remove = usePoolMutation(() => deleteWorkQueue(pool, name), { onSuccess: onDeleted, isTold: true })
  const dependents = useQuery(dependentsQuery(pool, name)).data
  return (
    <ConfirmDialog
      title={`Delete the work queue ${name}?`}
      description={sentences(
        lost('work queue', dependents),
        'A worker that was started for this queue alone gets no more runs.',
      )}
      verb="Delete the work queue"
      done={`Deleted ${name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}

/** Forgets a worker. */
export function DeleteWorkerDialog({
  pool,
  name,
  onClose,
  onDeleted,
}: DeleteDialogProps & { pool: string; name: string }) {
  const remove = usePoolMutation(() => deleteWorker(pool, name), { onSuccess: onDeleted, isTold: true })
  return (
    <ConfirmDialog
      title={`Forget the worker ${name}?`}
      description="Its process is not stopped, nor are its runs: if it still lives, it is back with its next sign of life."
      verb="Forget the worker"
      done={`Forgot ${name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}

/** What deployments and waiting runs lose; told once it is known. */
function lost(noun: string, dependents: { deployments: number; runs: number } | undefined): string {
  if (dependents === undefined) return 'Looking for what depends on it …'
  const { deployments, runs } = dependents
  if (deployments === 0 && runs === 0) return 'No deployment and no scheduled run depends on it.'
  return sentences(
    deployments > 0 &&
      `${counted(deployments, 'deployment')} will have no ${noun}, and make runs that nobody takes, until there is another one.`,
    runs > 0 && `${counted(runs, 'scheduled run')} will not be started.`,
  )
}

function ongoing(count: number): string | false {
  return count > 0 && `${counted(count, 'run')} at work will go on.`
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

function sentences(...all: (string | false | null | undefined)[]): string {
  return all.filter(Boolean).join(' ')
}
