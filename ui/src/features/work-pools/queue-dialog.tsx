// Makes a work queue or changes one.
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import type { WorkQueue } from '@/api/types'
import { createWorkQueue, updateWorkQueue } from '@/api/work-queues'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import { LimitField } from './limit-field'
import { usePoolMutation } from './use-pool-mutation'
import styles from './work-pools.module.css'

interface QueueDialogProps {
  pool: string
  queue: WorkQueue | null
  onClose: () => void
  /** Called with the name that it has now. */
  onSaved?: (name: string) => void
}

/** The dialog; without a queue it makes one. */
export function QueueDialog({ pool, queue, onClose, onSaved }: QueueDialogProps) {
  const [name, setName] = useState(queue?.name ?? '')
  const [description, setDescription] = useState(queue?.description ?? '')
  const [limit, setLimit] = useState(queue?.concurrency_limit ?? null)
  const [priority, setPriority] = useState(queue === null ? '' : String(queue.priority))
  const save = usePoolMutation(
    async () => {
      const draft = {
        name,
        description,
        concurrency_limit: limit,
        ...(priority !== '' && { priority: Number(priority) }),
      }
      await (queue === null ? createWorkQueue(pool, draft) : updateWorkQueue(pool, queue.name, draft))
    },
    {
      onSuccess: () => {
        notify(`Saved ${name}`)
        onClose()
        onSaved?.(name)
      },
      isTold: true,
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog title={queue === null ? 'New work queue' : `Change ${queue.name}`} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name">
          {(props) => <TextInput {...props} required value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <Field label="Description">
          {(props) => (
            <TextInput {...props} value={description} onChange={({ target }) => setDescription(target.value)} />
          )}
        </Field>
        <LimitField limit={limit} onChange={setLimit} />
        <Field
          label="Priority"
          hint="1 is served first. A queue that has this priority moves back by one. Empty: the lowest number that is free."
        >
          {(props) => (
            <TextInput
              {...props}
              type="number"
              min={1}
              required={queue !== null}
              value={priority}
              onChange={({ target }) => setPriority(target.value)}
            />
          )}
        </Field>
        {save.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(save.error)}
          </p>
        )}
        <Button look="primary" type="submit" isBusy={save.isPending}>
          Save
        </Button>
      </form>
    </Dialog>
  )
}
