// Makes a named limit or changes one.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { saveConcurrencyLimit } from '@/api/concurrency-limits'
import { messageOf } from '@/api/errors'
import type { ConcurrencyLimit } from '@/api/types'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import styles from './limits.module.css'

/** The dialog; without a limit it makes one. */
export function LimitDialog({ limit, onClose }: { limit: ConcurrencyLimit | null; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(limit?.name ?? '')
  const [slots, setSlots] = useState(String(limit?.limit ?? 1))
  const [decay, setDecay] = useState(String(limit?.slot_decay_per_second ?? 0))
  const [isActive, setActive] = useState(limit?.active ?? true)
  const save = useMutation({
    mutationFn: () =>
      saveConcurrencyLimit(limit?.id ?? null, {
        name,
        limit: Number(slots),
        slot_decay_per_second: Number(decay),
        active: isActive,
      }),
    onSuccess: () => {
      notify(`Saved ${name}`)
      onClose()
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['concurrency-limits'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog title={limit === null ? 'New limit' : `Change ${limit.name}`} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name">
          {(props) => <TextInput {...props} required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Slots" hint="How many can be taken at a time. None stops everybody.">
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
        <Field
          label="Slots that come back a second"
          hint="For rate limits; with 0, slots are taken until they are given back."
        >
          {(props) => (
            <TextInput
              {...props}
              type="number"
              min={0}
              step="any"
              required
              value={decay}
              onChange={(event) => setDecay(event.target.value)}
            />
          )}
        </Field>
        <label className={styles.check}>
          <input type="checkbox" checked={isActive} onChange={(event) => setActive(event.target.checked)} />
          Active: who finds no slot waits
        </label>
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
