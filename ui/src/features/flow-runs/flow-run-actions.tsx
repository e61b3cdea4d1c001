// What can be done to a flow run. What cannot be taken back is asked twice.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Copy, CopyPlus, Ellipsis, OctagonX, PencilLine, Play, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { messageOf } from '@/api/errors'
import { resumeFlowRun, RETRY, setFlowRunState } from '@/api/flow-runs'
import type { FlowRun } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { Menu, MenuItem } from '@/design/overlays'
import { notify } from '@/design/toast'

import { type Asked, FlowRunDialogs } from './flow-run-dialogs'
import { isDone } from './states'

/** The buttons of a flow run's page. */
export function FlowRunActions({ run }: { run: FlowRun }) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const { retry, resume } = useChanges(run)
  const canRetry = isDone(run.state_type) && run.deployment_id !== null
  const asksInput = run.state?.state_details.run_input_keyset != null
  return (
    <>
      {run.state_type === 'PAUSED' && (
        <Button
          look="primary"
          icon={<Play size={15} aria-hidden />}
          isBusy={resume.isPending}
          onClick={() => (asksInput ? setAsked('resume') : resume.mutate())}
        >
          {asksInput ? 'Resume…' : 'Resume'}
        </Button>
      )}
      {canRetry && (
        <Button icon={<RotateCcw size={15} aria-hidden />} isBusy={retry.isPending} onClick={() => retry.mutate()}>
          Retry
        </Button>
      )}
      {!isDone(run.state_type) && (
        <Button icon={<OctagonX size={15} aria-hidden />} onClick={() => setAsked('cancel')}>
          Cancel
        </Button>
      )}
      <MoreMenu run={run} onAsk={setAsked} />
      <FlowRunDialogs run={run} asked={asked} onClose={() => setAsked(null)} />
    </>
  )
}

function useChanges(run: FlowRun) {
  const client = useQueryClient()
  const told = {
    onError: (error: unknown) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['flow-runs'] }),
  }
  const retry = useMutation({
    mutationFn: () => setFlowRunState(run.id, RETRY, true),
    ...told,
    onSuccess: () => notify(`${run.name} will run again`),
  })
  const resume = useMutation({
    mutationFn: () => resumeFlowRun(run.id, null),
    ...told,
    onSuccess: () => notify(`${run.name} goes on`),
  })
  return { retry, resume }
}

function MoreMenu({ run, onAsk }: { run: FlowRun; onAsk: (asked: Asked) => void }) {
  return (
    <Menu trigger={<IconButton label="More" icon={<Ellipsis size={17} aria-hidden />} />}>
      {run.deployment_id !== null && (
        <MenuItem icon={<CopyPlus size={15} aria-hidden />} onSelect={() => onAsk('copy')}>
          Copy to a new run
        </MenuItem>
      )}
      <MenuItem icon={<PencilLine size={15} aria-hidden />} onSelect={() => onAsk('state')}>
        Change the state
      </MenuItem>
      <MenuItem
        icon={<Copy size={15} aria-hidden />}
        onSelect={() => void navigator.clipboard.writeText(run.id).then(() => notify('Copied the id'))}
      >
        Copy the id
      </MenuItem>
      <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => onAsk('delete')}>
        Delete
      </MenuItem>
    </Menu>
  )
}
