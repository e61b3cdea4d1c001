// The question before many runs are changed: how many that are, in which states, and what will happen to them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type BulkAction, bulkPreviewQuery, type BulkWhere, createBulkJob } from '@/api/bulk-jobs'
import { messageOf } from '@/api/errors'
import type { BulkJobPreview, StateType } from '@/api/types'
import { Button } from '@/design/button'
import { Checkbox } from '@/design/checkbox'
import { Field, Select, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { Skeleton } from '@/design/skeleton'
import { StateBadge } from '@/design/states'
import { QueryView } from '@/features/query-view'

import { counted, WORDS } from './bulk-words'
import styles from './bulk.module.css'

const SETTABLE: readonly StateType[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED', 'SCHEDULED', 'PENDING', 'PAUSED']
const OPTIONS = SETTABLE.map((type) => [type, type.charAt(0) + type.slice(1).toLowerCase()] as const)

interface BulkDialogProps {
  action: BulkAction
  where: BulkWhere
  onDone: () => void
  onClose: () => void
}

/** The dialog. */
export function BulkDialog({ action, where, onDone, onClose }: BulkDialogProps) {
  // What is asked about stays what it was when the question came up.
  const [asked] = useState(() => ({ filter: where.filter, flowId: where.flowId, workPool: where.workPool }))
  const preview = useQuery(bulkPreviewQuery(asked))
  const { verb, means } = WORDS[action]
  const matched = preview.data?.matched
  return (
    <Dialog
      title={matched === undefined ? `${verb} runs` : `${verb} ${counted(matched)}?`}
      description={means}
      isOpen
      onOpenChange={onClose}
    >
      <QueryView query={preview} placeholder={<Skeleton lines={2} />} errorTitle="The runs could not be counted">
        {(found) => <Question action={action} where={asked} preview={found} onDone={onDone} onClose={onClose} />}
      </QueryView>
    </Dialog>
  )
}

function Question({ action, where, preview, onDone, onClose }: BulkDialogProps & { preview: BulkJobPreview }) {
  const client = useQueryClient()
  const [type, setType] = useState<StateType>('FAILED')
  const [message, setMessage] = useState('')
  const [force, setForce] = useState(false)
  const state = { state: { type, ...(message.trim() !== '' && { message: message.trim() }) }, force }
  const change = useMutation({
    mutationFn: () => createBulkJob(action, where, action === 'set-state' ? state : undefined),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['bulk-jobs'] })
      onDone()
      onClose()
    },
  })
  return (
    <>
      <ul className={styles.states} aria-label="Runs by state">
        {preview.by_state.map(({ state_type: each, count }) => (
          <li key={each}>
            <StateBadge type={each} /> {count.toLocaleString('en')}
          </li>
        ))}
      </ul>
      {action === 'set-state' && (
        <>
          <Field label="State">
            {(props) => (
              <Select
                {...props}
                options={OPTIONS}
                value={type}
                onChange={(event) => setType(event.target.value as StateType /* an option */)}
              />
            )}
          </Field>
          <Field label="Message" hint="Why; it is shown with the state.">
            {(props) => <TextInput {...props} value={message} onChange={(event) => setMessage(event.target.value)} />}
          </Field>
          <div className={styles.force}>
            <Checkbox label="Without the rules that protect runs" isChecked={force} onChange={setForce} />
            <span aria-hidden>Without the rules that protect runs</span>
          </div>
        </>
      )}
      {action === 'delete' && preview.delete_delay > 0 && (
        <p>
          It begins in {preview.delete_delay} seconds and can be stopped until then. After that it cannot be undone.
        </p>
      )}
      <p className={styles.note}>The server does it: this page may be closed.</p>
      {change.isError && <p role="alert">{messageOf(change.error)}</p>}
      <Button look="danger" disabled={preview.matched === 0} isBusy={change.isPending} onClick={() => change.mutate()}>
        {WORDS[action].verb} {counted(preview.matched)}
      </Button>
    </>
  )
}
