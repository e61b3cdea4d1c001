// Makes a copy of a deployment under a name of its own.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'

import { createDeployment } from '@/api/deployments'
import { ApiError, messageOf } from '@/api/errors'
import type { Deployment } from '@/api/types'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Form } from '@/design/form'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import { copyOf } from './copy'

/** The dialog. */
export function DuplicateDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const form = useId()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState(`${deployment.name}-copy`)
  const save = useMutation({
    mutationFn: () => createDeployment(copyOf(deployment, name)),
    onSuccess: async ({ id }) => {
      notify(`Made ${name}`)
      onClose()
      await client.invalidateQueries({ queryKey: ['deployments'] })
      await navigate({ to: '/deployments/deployment/$id', params: { id } })
    },
  })
  const atName = save.error instanceof ApiError ? save.error.places.get('name') : undefined
  return (
    <Dialog
      title={`Duplicate ${deployment.name}`}
      description={wordsOf(deployment)}
      isOpen
      onOpenChange={onClose}
      actions={
        <Button look="primary" type="submit" form={form} isBusy={save.isPending} disabled={name.trim() === ''}>
          Make the copy
        </Button>
      }
    >
      <Form
        id={form}
        onSubmit={save.mutate}
        problem={save.isError && atName === undefined ? messageOf(save.error) : null}
      >
        <Field label="Name of the copy" hint="Its flow must not have a deployment of that name." error={atName}>
          {(props) => (
            <TextInput
              {...props}
              required
              // As the server has it.
              pattern="[^\/%&><]+"
              title="All letters but / % & > <"
              value={name}
              onChange={({ target }) => {
                setName(target.value)
                save.reset()
              }}
            />
          )}
        </Field>
      </Form>
    </Dialog>
  )
}

function wordsOf({ schedules }: Deployment): string {
  const count = schedules.length
  const about =
    count === 0
      ? ''
      : ` Its ${count === 1 ? 'schedule is copied as well, but is' : `${count} schedules are copied as well, but are`} off: the copy makes no runs until you turn ${count === 1 ? 'it' : 'them'} on.`
  return `The copy runs the same code with the same settings.${about} Automations and agreements are not copied.`
}
