// A question before something that cannot be taken back; before the worst, the name must be typed.
import type { UseMutationResult } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'

import { Button } from './button'
import { Field, TextInput } from './field'
import { Dialog } from './overlays'
import { notify } from './toast'

interface ConfirmDialogProps {
  title: string
  /** What will happen, and to what. */
  description: string
  /** What the button does. */
  verb: string
  /** What is told once it is done. */
  done: string
  /** What has to be typed before it can be done: the name of what is lost with all that it holds. */
  typed?: string
  /** What does it; where it leads somewhere else afterwards, its own `onSuccess` says so. */
  mutation: Pick<UseMutationResult<unknown, Error, void>, 'isPending' | 'mutateAsync'>
  onClose: () => void
}

/** The dialog; it is shown as long as it is there. */
export function ConfirmDialog({ title, description, verb, done, typed, mutation, onClose }: ConfirmDialogProps) {
  const form = useId()
  const [given, setGiven] = useState('')
  const isReady = typed === undefined || given.trim() === typed
  // Awaited, and not told by callbacks: these are left out where the page has gone meanwhile.
  const confirm = async (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    try {
      await mutation.mutateAsync()
    } catch (error) {
      return notify(error instanceof Error ? error.message : String(error), 'bad')
    }
    notify(done)
    onClose()
  }
  return (
    <Dialog
      title={title}
      description={description}
      isOpen
      onOpenChange={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="danger" type="submit" form={form} disabled={!isReady} isBusy={mutation.isPending}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void confirm(event)}>
        {typed !== undefined && (
          <Field label={`Type ${typed} to go on`}>
            {(props) => (
              <TextInput
                {...props}
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                value={given}
                onChange={(event) => setGiven(event.target.value)}
              />
            )}
          </Field>
        )}
      </form>
    </Dialog>
  )
}
