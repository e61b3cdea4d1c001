// The question before flows are deleted, which takes all that they have ever run with it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { deleteFlows, holdingsOfFlowsQuery } from '@/api/flows'
import { ConfirmDialog } from '@/design/confirm-dialog'

/** Runs from which on the deletion, which is one change of the database, takes a while. */
const MANY = 20_000

interface DeleteFlowsDialogProps {
  ids: readonly string[]
  /** The flow's name, where it is one. */
  name?: string
  /** What is done once they are gone. */
  onDone: () => void | Promise<void>
  onClose: () => void
}

/** The dialog. */
export function DeleteFlowsDialog({ ids, name, onDone, onClose }: DeleteFlowsDialogProps) {
  const client = useQueryClient()
  const holdings = useQuery(holdingsOfFlowsQuery(ids))
  const what = name ?? counted(ids.length, 'flow')
  const remove = useMutation({
    mutationFn: () => deleteFlows(ids),
    onSuccess: onDone,
    onSettled: () =>
      Promise.all(['flows', 'deployments', 'flow-runs'].map((noun) => client.invalidateQueries({ queryKey: [noun] }))),
  })
  return (
    <ConfirmDialog
      title={`Delete ${what}?`}
      description={inWords(holdings.data)}
      verb={ids.length === 1 ? 'Delete the flow' : `Delete ${what}`}
      done={`Deleted ${what}`}
      typed={name ?? (ids.length === 1 ? 'delete' : `delete ${what}`)}
      mutation={remove}
      onClose={onClose}
    />
  )
}

interface Holdings {
  deployments: number
  runs: number
  taskRuns: number
}

function inWords(held: Holdings | undefined): string {
  if (held === undefined) return 'All deployments and all runs go too, with their states and task runs.'
  const { deployments, runs, taskRuns } = held
  if (deployments === 0 && runs === 0) return 'Nothing else goes with this: there are no deployments and no runs.'
  const gone = [counted(deployments, 'deployment'), counted(runs, 'run'), counted(taskRuns, 'task run')]
  const slow = runs > MANY ? ' So many take a while: deleting them on the runs page first can be stopped.' : ''
  return `With this go ${gone.slice(0, 2).join(', ')} and ${gone[2]}. It cannot be undone.${slow}`
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}
