// Makes a webhook or changes one, and shows beside it what its template makes of a sample request.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { messageOf } from '@/api/errors'
import type { Webhook, WebhookDraft, WebhookSignature } from '@/api/types'
import { saveWebhook, webhookQuery } from '@/api/webhooks'
import { Button } from '@/design/button'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { Fields, Form, Split, Stack } from '@/design/form'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import { type SampleName, type SampleRequest, SAMPLES } from './samples'
import { SecretDialog } from './secret-dialog'
import { SIGNATURE_OPTIONS } from './signatures'
import { TrialPanel } from './trial-panel'
import styles from './webhooks.module.css'

const FIRST = SAMPLES.json

/** The page of a new webhook. */
export function NewWebhookPage() {
  const initial = { name: '', description: '', template: FIRST.template, signature: FIRST.signature }
  return <Editor id={null} title="New webhook" initial={initial} />
}

/** The page that changes one. */
export function EditWebhookPage({ id }: { id: string }) {
  const webhook = useQuery({ ...webhookQuery(id), staleTime: Infinity })
  return (
    <QueryView query={webhook} placeholder={<Skeleton lines={8} />} errorTitle="The webhook could not be loaded">
      {({ name, description, template, signature }) => (
        <Editor id={id} title={`Change ${name}`} initial={{ name, description, template, signature }} />
      )}
    </QueryView>
  )
}

interface EditorProps {
  id: string | null
  title: string
  initial: WebhookDraft
}

function Editor({ id, title, initial }: EditorProps) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [draft, setDraft] = useState(initial)
  const [request, setRequest] = useState<SampleRequest>(FIRST.request)
  const [made, setMade] = useState<Webhook | null>(null)
  const leave = (webhook: Webhook) => navigate({ to: '/webhooks/webhook/$id', params: { id: webhook.id } })
  const save = useMutation({
    mutationFn: () => saveWebhook(id, draft),
    onSuccess: async (saved) => {
      notify(`Saved ${draft.name}`)
      await client.invalidateQueries({ queryKey: ['webhooks'] })
      if (saved.secret === null) await leave(saved)
      else setMade(saved)
    },
  })
  return (
    <Page title={title} trail={<Link to="/webhooks">Webhooks</Link>}>
      <Split side={<TrialPanel template={draft.template} request={request} onRequest={setRequest} />}>
        <Form onSubmit={save.mutate} problem={save.isError ? messageOf(save.error) : null}>
          <Panel title="Webhook">
            <AboutFields draft={draft} onChange={setDraft} isNew={id === null} wasSigned={initial.signature} />
          </Panel>
          <Panel title="Template">
            <TemplateField
              template={draft.template}
              onTemplate={(template) => setDraft({ ...draft, template })}
              onSample={(sample) => {
                const { template, signature } = SAMPLES[sample]
                setDraft({ ...draft, template, ...(id === null && { signature }) })
                setRequest(SAMPLES[sample].request)
              }}
            />
          </Panel>
          <p>
            <Button look="primary" type="submit" isBusy={save.isPending}>
              Save the webhook
            </Button>
          </p>
        </Form>
      </Split>
      {made !== null && <SecretDialog webhook={made} onClose={() => void leave(made)} />}
    </Page>
  )
}

interface AboutProps {
  draft: WebhookDraft
  onChange: (draft: WebhookDraft) => void
  isNew: boolean
  wasSigned: WebhookSignature | undefined
}

function AboutFields({ draft, onChange, isNew, wasSigned }: AboutProps) {
  const isSigned = draft.signature !== 'none'
  const getsSecret = isSigned && (isNew || draft.signature !== wasSigned)
  return (
    <Fields>
      <Field label="Name">
        {(props) => (
          <TextInput
            {...props}
            required
            value={draft.name}
            onChange={({ target }) => onChange({ ...draft, name: target.value })}
          />
        )}
      </Field>
      <Field label="Description">
        {(props) => (
          <TextInput
            {...props}
            value={draft.description}
            onChange={({ target }) => onChange({ ...draft, description: target.value })}
          />
        )}
      </Field>
      <Field
        label="Signature"
        hint={
          isSigned ? 'Requests that are not signed with the secret are refused.' : 'Whoever knows the address may send.'
        }
      >
        {(props) => (
          <Select
            {...props}
            options={SIGNATURE_OPTIONS}
            value={draft.signature}
            onChange={({ target }) =>
              onChange({ ...draft, signature: target.value as WebhookSignature /* an option */, secret: undefined })
            }
          />
        )}
      </Field>
      {isSigned && (
        <Field
          label="Secret"
          hint={getsSecret ? 'Empty: one is made, and shown once.' : 'Empty: it stays as it is. It cannot be shown.'}
        >
          {(props) => (
            <TextInput
              {...props}
              type="password"
              autoComplete="off"
              value={draft.secret ?? ''}
              onChange={({ target }) => onChange({ ...draft, secret: target.value || undefined })}
            />
          )}
        </Field>
      )}
    </Fields>
  )
}

interface TemplateProps {
  template: string
  onTemplate: (template: string) => void
  onSample: (sample: SampleName) => void
}

function TemplateField({ template, onTemplate, onSample }: TemplateProps) {
  return (
    <Stack>
      <div className={styles.samples}>
        <span className={styles.quiet}>Begin with</span>
        {(Object.keys(SAMPLES) as SampleName[]).map((sample) => (
          <Button key={sample} onClick={() => onSample(sample)}>
            {SAMPLES[sample].name}
          </Button>
        ))}
      </div>
      <Field
        label="Jinja that renders JSON"
        hint={
          <>
            It sees <code>body</code>, <code>headers</code> and <code>method</code>, and must give <code>event</code>{' '}
            and a <code>resource</code> with its id. <code>tojson</code> makes a value safe within it.
          </>
        }
      >
        {(props) => (
          <TextArea
            {...props}
            required
            rows={12}
            spellCheck={false}
            className={styles.code}
            value={template}
            onChange={({ target }) => onTemplate(target.value)}
          />
        )}
      </Field>
    </Stack>
  )
}
