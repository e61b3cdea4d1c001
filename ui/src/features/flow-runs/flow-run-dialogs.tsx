// What is asked before something is done to a flow run: one dialog at a time.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { deploymentQuery } from '@/api/deployments'
import { cancellation, deleteFlowRun, setFlowRunState } from '@/api/flow-runs'
import type { FlowRun } from '@/api/types'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Dialog } from '@/design/overlays'
import { Skeleton } from '@/design/skeleton'
import { ChangeStateDialog } from '@/features/change-state/public'
import { RunDialog } from '@/features/deployments/public'
import { QueryView } from '@/features/query-view'

import { ResumeDialog } from './resume-dialog'
import { isActive } from './states'

/** What can be asked. */
export type Asked = 'cancel' | 'copy' | 'delete' | 'resume' | 'state'

interface FlowRunDialogsProps {
  run: FlowRun
  asked: Asked | null
  onClose: () => void
}

/** The dialog that is asked for, if any. */
export function FlowRunDialogs({ run, asked, onClose }: FlowRunDialogsProps) {
  switch (asked) {
    case 'cancel':
      return <CancelDialog run={run} onClose={onClose} />
    case 'copy':
      return run.deployment_id && <CopyDialog run={run} deploymentId={run.deployment_id} onClose={onClose} />
    case 'delete':
      return <DeleteDialog run={run} onClose={onClose} />
    case 'resume':
      return <ResumeDialog run={run} onClose={onClose} />
    case 'state':
      return <StateDialog run={run} onClose={onClose} />
    default:
      return null
  }
}

function CancelDialog({ run, onClose }: { run: FlowRun; onClose: () => void }) {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => setFlowRunState(run.id, cancellation(run.state_type)),
    onSettled: () => client.invalidateQueries({ queryKey: ['flow-runs'] }),
  })
  return (
    <ConfirmDialog
      title={`Cancel ${run.name}?`}
      description="What runs is stopped, with its sub-flows. It does not go on by itself."
      verb="Cancel the run"
      done={`Cancelling ${run.name}`}
      mutation={cancel}
      onClose={onClose}
    />
  )
}

function CopyDialog({ run, deploymentId, onClose }: { run: FlowRun; deploymentId: string; onClose: () => void }) {
  const deployment = useQuery(deploymentQuery(deploymentId))
  if (deployment.isSuccess) return <RunDialog deployment={deployment.data} like={run} onClose={onClose} />
  return (
    <Dialog title={`Copy ${run.name}`} isOpen onOpenChange={onClose}>
      <QueryView
        query={deployment}
        placeholder={<Skeleton lines={3} />}
        errorTitle="Its deployment could not be loaded"
      >
        {() => null}
      </QueryView>
    </Dialog>
  )
}

function DeleteDialog({ run, onClose }: { run: FlowRun; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteFlowRun(run.id),
    onSuccess: async () => {
      await navigate({ to: '/runs' })
      await client.invalidateQueries({ queryKey: ['flow-runs'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${run.name}?`}
      description="Its logs, task runs and states go with it. This cannot be undone."
      verb="Delete the run"
      done={`Deleted ${run.name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}

function StateDialog({ run, onClose }: { run: FlowRun; onClose: () => void }) {
  const client = useQueryClient()
  return (
    <ChangeStateDialog
      run={run}
      description={
        isActive(run.state_type)
          ? 'Only what the server says changes: what runs is not stopped by this. To stop it, cancel it.'
          : 'The server will say that this is how it ended. Automations see it as well.'
      }
      onChange={async (state) => {
        await setFlowRunState(run.id, state, true)
        await client.invalidateQueries({ queryKey: ['flow-runs'] })
      }}
      onClose={onClose}
    />
  )
}
