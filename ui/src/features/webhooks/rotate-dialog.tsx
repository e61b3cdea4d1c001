// Gives a webhook another address or secret; for as long as wanted the old ones are taken beside them.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'

import { messageOf } from '@/api/errors'
import type { Webhook } from '@/api/types'
import { rotateWebhook } from '@/api/webhooks'
import { Button } from '@/design/button'
import { Checkbox } from '@/design/checkbox'
import { Field, Select } from '@/design/field'
import { Form } from '@/design/form'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

const OVERLAPS = [
  ['0', 'Not at all'],
  ['3600', 'For an hour'],
  ['86400', 'For a day'],
  ['604800', 'For a week'],
] as const

interface RotateDialogProps {
  webhook: Webhook
  /** Told a secret that can be seen but once. */
  onSecret: (rotated: Webhook) => void
  onClose: () => void
}

/** The dialog. */
export function RotateDialog({ webhook, onSecret, onClose }: RotateDialogProps) {
  const form = useId()
  const client = useQueryClient()
  const isSigned = webhook.signature !== 'none'
  const [slug, setSlug] = useState(!isSigned)
  const [secret, setSecret] = useState(isSigned)
  const [overlap, setOverlap] = useState('3600')
  const rotate = useMutation({
    mutationFn: () => rotateWebhook(webhook.id, { slug, secret, old_expires_in_seconds: Number(overlap) }),
    onSuccess: async (rotated) => {
      await client.invalidateQueries({ queryKey: ['webhooks'] })
      notify(`Rotated ${webhook.name}`)
      onClose()
      if (rotated.secret !== null) onSecret(rotated)
    },
  })
  return (
    <Dialog
      title={`Rotate ${webhook.name}`}
      description="Senders must be told what is new. What an earlier rotation has left is not taken any more."
      isOpen
      onOpenChange={onClose}
      actions={
        <Button look="danger" type="submit" form={form} isBusy={rotate.isPending} disabled={!slug && !secret}>
          Rotate
        </Button>
      }
    >
      <Form id={form} onSubmit={rotate.mutate} problem={rotate.isError ? messageOf(rotate.error) : null}>
        <div>
          <p>
            <Checkbox label="Another address" isChecked={slug} onChange={setSlug} /> Another address
          </p>
          {isSigned && (
            <p>
              <Checkbox label="Another secret" isChecked={secret} onChange={setSecret} /> Another secret
            </p>
          )}
        </div>
        <Field label="The old ones are taken, too" hint="So that nothing is lost until the sender has the new ones.">
          {(props) => (
            <Select {...props} options={OVERLAPS} value={overlap} onChange={({ target }) => setOverlap(target.value)} />
          )}
        </Field>
      </Form>
    </Dialog>
  )
}
