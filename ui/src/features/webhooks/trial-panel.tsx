// A sample request, and what the template makes of it: an event, or why not. Nothing is sent, nothing recorded.
import { useQuery } from '@tanstack/react-query'

import type { WebhookTrialResult } from '@/api/types'
import { trialQuery } from '@/api/webhooks'
import { Badge } from '@/design/badge'
import { CodeBlock, JsonBlock } from '@/design/code-block'
import { Field, Select, TextArea } from '@/design/field'
import { Stack } from '@/design/form'
import { Panel } from '@/design/page'
import { QueryView } from '@/features/query-view'
import { useSettled } from '@/lib/settled'

import { readHeaders, type SampleRequest } from './samples'
import styles from './webhooks.module.css'

const METHODS = ['POST', 'PUT', 'PATCH', 'GET'].map((method) => [method, method] as const)

interface TrialPanelProps {
  template: string
  request: SampleRequest
  onRequest: (request: SampleRequest) => void
}

/** The panels at the side of the template. */
export function TrialPanel({ template, request, onRequest }: TrialPanelProps) {
  const { method, headers, body } = request
  const shown = useSettled(JSON.stringify({ template, method, headers: readHeaders(headers), body }))
  const trial = useQuery(trialQuery(JSON.parse(shown) as Parameters<typeof trialQuery>[0] /* as written above */))
  const change = (part: Partial<SampleRequest>) => onRequest({ ...request, ...part })
  return (
    <>
      <Panel title="A request">
        <Stack>
          <Field label="Method">
            {(props) => (
              <Select
                {...props}
                options={METHODS}
                value={method}
                onChange={({ target }) => change({ method: target.value })}
              />
            )}
          </Field>
          <Field label="Headers" hint="One a line.">
            {(props) => (
              <TextArea
                {...props}
                rows={3}
                spellCheck={false}
                value={headers}
                onChange={({ target }) => change({ headers: target.value })}
              />
            )}
          </Field>
          <Field label="Body">
            {(props) => (
              <TextArea
                {...props}
                rows={4}
                spellCheck={false}
                value={body}
                onChange={({ target }) => change({ body: target.value })}
              />
            )}
          </Field>
        </Stack>
      </Panel>
      <Panel title="What becomes of it">
        <QueryView query={trial} errorTitle="The template could not be tried">
          {(result) => <Result result={result} />}
        </QueryView>
      </Panel>
    </>
  )
}

function Result({ result: { event, error, rendered } }: { result: WebhookTrialResult }) {
  if (error === null)
    return (
      <Stack>
        <p role="status">
          <Badge tone="good">An event</Badge>
        </p>
        <JsonBlock value={event} label="The event" />
      </Stack>
    )
  return (
    <Stack>
      <p role="status" className={styles.refused}>
        <Badge tone="bad">No event</Badge> {error}
      </p>
      {rendered !== null && (
        <div>
          <p className={styles.quiet}>The template has rendered:</p>
          <CodeBlock code={rendered} label="What the template has rendered" />
        </div>
      )}
    </Stack>
  )
}
