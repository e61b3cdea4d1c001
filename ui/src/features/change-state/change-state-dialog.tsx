// Putting a run into a state by hand, where what the server knows is not what happened.
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import type { StateCreate, StateType } from '@/api/types'
import { Button } from '@/design/button'
import { Field, Select, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import styles from './change-state.module.css'

/** The ends that a run may be given: what is not ended belongs to who runs it. */
const ENDS = [
  ['COMPLETED', 'Completed'],
  ['FAILED', 'Failed'],
  ['CANCELLED', 'Cancelled'],
  ['CRASHED', 'Crashed'],
] as const satisfies readonly (readonly [StateType, string])[]
type End = (typeof ENDS)[number]

interface ChangeStateDialogProps {
  run: { name: string; state_type: StateType | null }
  /** What this means and does not mean. */
  description: string
  onChange: (state: StateCreate) => Promise<unknown>
  onClose: () => void
}

/** The dialog. */
export function ChangeStateDialog({ run, description, onChange, onClose }: ChangeStateDialogProps) {
  const ends = ENDS.filter(([type]) => type !== run.state_type)
  const [[type, name], setEnd] = useState<End>(ends[0] ?? ENDS[0])
  const [message, setMessage] = useState('')
  const change = useMutation({
    mutationFn: () => onChange({ type, name, ...(message !== '' && { message }) }),
    onSuccess: () => {
      notify(`${run.name} is ${name}`)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Dialog title={`Change the state of ${run.name}`} description={description} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="State">
          {(props) => (
            <Select
              {...props}
              options={ends}
              value={type}
              onChange={(event) => setEnd(ends.find(([each]) => each === event.target.value) ?? ENDS[0])}
            />
          )}
        </Field>
        <Field label="Message" hint="Why, for those who look at the run later.">
          {(props) => <TextInput {...props} value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
        {change.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(change.error)}
          </p>
        )}
        <Button look="primary" type="submit" isBusy={change.isPending}>
          Change to {name}
        </Button>
      </form>
    </Dialog>
  )
}
