// The secret of a webhook, at the one time when it can be seen.
import { hookAddress } from '@/api/webhooks'
import type { Webhook } from '@/api/types'
import { Button } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { Stack } from '@/design/form'
import { Dialog } from '@/design/overlays'

/** The dialog; `webhook` is the answer that tells the secret. */
export function SecretDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  return (
    <Dialog
      title="Give these to the sender"
      description="The secret is not shown again: copy it now. A lost one is replaced by rotating it."
      isOpen
      onOpenChange={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <Stack>
        <div>
          <p>Secret</p>
          <CodeBlock code={webhook.secret ?? ''} label="Secret" />
        </div>
        <div>
          <p>Address</p>
          <CodeBlock code={hookAddress(webhook)} label="Address" />
        </div>
      </Stack>
    </Dialog>
  )
}
