// Limits the task runs with a tag, or changes their limit.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { saveTagLimit } from '@/api/concurrency-limits'
import { messageOf } from '@/api/errors'
import type { TagLimit } from '@/api/types'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import styles from './limits.module.css'

/** The dialog; without a limit it makes one. */
export function TagLimitDialog({ limit, onClose }: { limit: TagLimit | null; onClose: () => void }) {
  const client = useQueryClient()
  const [tag, setTag] = useState(limit?.tag ?? '')
  const [slots, setSlots] = useState(String(limit?.concurrency_limit ?? 1))
  const save = useMutation({
    mutationFn: () => saveTagLimit(tag, Number(slots)),
    onSuccess: () => {
      notify(`Saved the limit on ${tag}`)
      onClose()
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['concurrency-limits'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog title={limit === null ? 'New tag limit' : `Change the limit on ${limit.tag}`} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit}>
        {limit === null && (
          <Field label="Tag" hint="Of tasks; one that is limited already gets another limit.">
            {(props) => <TextInput {...props} required value={tag} onChange={(event) => setTag(event.target.value)} />}
          </Field>
        )}
        <Field label="Task runs at a time" hint="With 0, none starts.">
          {(props) => (
            <TextInput
              {...props}
              type="number"
              min={0}
              required
              value={slots}
              onChange={(event) => setSlots(event.target.value)}
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
