// A webhook: where it listens, how to send to it, what it makes of requests, and what has come.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Pencil, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { Webhook } from '@/api/types'
import { deleteWebhook, hookAddress, webhookQuery } from '@/api/webhooks'
import { Badge } from '@/design/badge'
import { Button } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { Split, Stack } from '@/design/form'
import { LinkButton } from '@/design/link-button'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { EnabledSwitch } from './enabled-switch'
import { Received } from './received'
import { RotateDialog } from './rotate-dialog'
import { SecretDialog } from './secret-dialog'
import { curlSnippet, SIGNATURE_WORDS } from './signatures'

/** The page. */
export function WebhookPage({ id }: { id: string }) {
  const webhook = useQuery(webhookQuery(id))
  return (
    <QueryView query={webhook} placeholder={<Skeleton lines={6} />} errorTitle="The webhook could not be loaded">
      {(data) => <Loaded webhook={data} />}
    </QueryView>
  )
}

function Loaded({ webhook }: { webhook: Webhook }) {
  const address = hookAddress(webhook)
  return (
    <Page
      title={webhook.name}
      heading={
        <>
          {webhook.name} <EnabledSwitch webhook={webhook} />
          {!webhook.enabled && <Badge tone="warn">disabled: senders are answered 404</Badge>}
        </>
      }
      trail={<Link to="/webhooks">Webhooks</Link>}
      actions={<Actions webhook={webhook} />}
    >
      {webhook.description && <p>{webhook.description}</p>}
      <Split
        side={
          <>
            <Panel title="Details">
              <Facts
                facts={[
                  ['Signature', SIGNATURE_WORDS[webhook.signature]],
                  [
                    'What was before the rotation',
                    webhook.old_expires && (
                      <>
                        taken until <Time value={webhook.old_expires} />
                      </>
                    ),
                  ],
                  ['Created', <Time key="created" value={webhook.created} />],
                  ['Changed', <Time key="updated" value={webhook.updated} />],
                  ['Id', <code key="id">{webhook.id}</code>],
                ]}
              />
            </Panel>
            <Panel title="Template">
              <CodeBlock code={webhook.template} label="Template" />
            </Panel>
          </>
        }
      >
        <Stack>
          <Panel title="Send to it">
            <Stack>
              <CodeBlock code={address} label="Address" />
              <CodeBlock
                code={curlSnippet(address, webhook.signature, '{"action": "paid", "number": 7}')}
                label="Command that sends a request"
              />
            </Stack>
          </Panel>
          <Received webhook={webhook} />
        </Stack>
      </Split>
    </Page>
  )
}

function Actions({ webhook }: { webhook: Webhook }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asked, ask] = useState<'rotate' | 'delete' | null>(null)
  const [rotated, setRotated] = useState<Webhook | null>(null)
  const remove = useMutation({
    mutationFn: () => deleteWebhook(webhook.id),
    onSuccess: async () => {
      await navigate({ to: '/webhooks' })
      client.removeQueries({ queryKey: ['webhooks', 'one', webhook.id] })
      await client.invalidateQueries({ queryKey: ['webhooks'] })
    },
  })
  return (
    <>
      <LinkButton icon={<Pencil size={15} aria-hidden />} to="/webhooks/edit/$id" params={{ id: webhook.id }}>
        Change and try
      </LinkButton>
      <Button icon={<RotateCw size={15} aria-hidden />} onClick={() => ask('rotate')}>
        Rotate
      </Button>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => ask('delete')}>
        Delete
      </Button>
      {asked === 'rotate' && <RotateDialog webhook={webhook} onSecret={setRotated} onClose={() => ask(null)} />}
      {asked === 'delete' && (
        <ConfirmDialog
          title={`Delete ${webhook.name}?`}
          description="Its senders are answered 404, and the address cannot be had again. The events that it has made stay."
          verb="Delete the webhook"
          done={`Deleted ${webhook.name}`}
          mutation={remove}
          onClose={() => ask(null)}
        />
      )}
      {rotated !== null && <SecretDialog webhook={rotated} onClose={() => setRotated(null)} />}
    </>
  )
}
