// What is done, one action after the other.
import { Plus, Trash2 } from 'lucide-react'

import type { Action } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { SpanField } from '@/design/span-field'

import { ACTION_TYPES, type ActionType, emptyAction, inferrable, STATE_TYPES } from './action-forms'
import styles from './automations.module.css'
import { WordsField } from './inputs'
import { ObjectField } from './objects-field'
import { ObjectJsonField } from './object-json-field'
import { targetMember, targetOf } from './words'

const ALERTING_HINT =
  'JSON; empty: each firing tells. {"group_by": "cause"} tells of like causes once, {"digest": {"every": "day"}} once a day.'

interface ActionsFormProps {
  actions: readonly Action[]
  /** What stands before the numbers of actions: `Action`. */
  label?: string
  onChange: (actions: Action[]) => void
}

/** The list. */
export function ActionsForm({ actions, label = 'Action', onChange }: ActionsFormProps) {
  const replace = (index: number, next: Action) => onChange(actions.map((each, at) => (at === index ? next : each)))
  return (
    <>
      <ol>
        {actions.map((action, index) => (
          <li key={index} className={styles.action}>
            <div className={styles.actionHead}>
              <Field label={`${label} ${index + 1}`}>
                {(props) => (
                  <Select
                    {...props}
                    options={ACTION_TYPES}
                    value={action.type ?? 'do-nothing'}
                    onChange={({ target }) => replace(index, emptyAction(target.value as ActionType /* an option */))}
                  />
                )}
              </Field>
              <IconButton
                label={`Remove ${label.toLowerCase()} ${index + 1}`}
                icon={<Trash2 size={15} aria-hidden />}
                onClick={() => onChange(actions.filter((_, at) => at !== index))}
              />
            </div>
            <ActionFields key={action.type} action={action} onChange={(next) => replace(index, next)} />
          </li>
        ))}
      </ol>
      <p className={styles.add}>
        <Button icon={<Plus size={15} aria-hidden />} onClick={() => onChange([...actions, emptyAction('do-nothing')])}>
          Add an action
        </Button>
      </p>
    </>
  )
}

function ActionFields({ action, onChange }: { action: Action; onChange: (action: Action) => void }) {
  const change = (part: object) => onChange({ ...action, ...part })
  switch (action.type) {
    case 'send-notification':
      return (
        <>
          <ObjectField
            noun="notification"
            id={action.block_document_id}
            onChange={(id) => change({ block_document_id: id })}
          />
          <TemplateField
            label="Subject"
            value={action.subject ?? ''}
            rows={1}
            onChange={(subject) => change({ subject })}
          />
          <TemplateField label="Body" value={action.body} rows={4} onChange={(body) => change({ body })} />
          <ObjectJsonField
            label="Against too many messages"
            hint={ALERTING_HINT}
            value={(action.alerting as Record<string, unknown> | null | undefined) ?? null}
            onChange={(alerting) => change({ alerting })}
          />
        </>
      )
    case 'send-email-notification':
      return (
        <>
          <WordsField
            label="To"
            hint="Addresses, with commas between them."
            words={action.emails}
            onChange={(emails) => change({ emails })}
          />
          <TemplateField
            label="Subject"
            value={action.subject ?? ''}
            rows={1}
            onChange={(subject) => change({ subject })}
          />
          <TemplateField label="Body" value={action.body} rows={4} onChange={(body) => change({ body })} />
          <ObjectJsonField
            label="Against too many messages"
            hint={ALERTING_HINT}
            value={(action.alerting as Record<string, unknown> | null | undefined) ?? null}
            onChange={(alerting) => change({ alerting })}
          />
        </>
      )
    case 'call-webhook':
      return (
        <>
          <ObjectField
            noun="webhook"
            id={action.block_document_id}
            onChange={(id) => change({ block_document_id: id })}
          />
          <TemplateField
            label="Payload"
            value={action.payload ?? ''}
            rows={5}
            onChange={(payload) => change({ payload })}
          />
        </>
      )
    case 'change-flow-run-state':
      return (
        <div className={styles.fields}>
          <Field label="State">
            {(props) => (
              <Select
                {...props}
                options={STATE_TYPES.map((type) => [type, type])}
                value={action.state}
                onChange={({ target }) => change({ state: target.value })}
              />
            )}
          </Field>
          <Field label="Name of the state" hint="Empty: that of the type.">
            {(props) => (
              <TextInput
                {...props}
                value={action.name ?? ''}
                onChange={({ target }) => change({ name: target.value || null })}
              />
            )}
          </Field>
          <Field label="Message">
            {(props) => (
              <TextInput
                {...props}
                value={action.message ?? ''}
                onChange={({ target }) => change({ message: target.value || null })}
              />
            )}
          </Field>
          <Field label="Where the rules of states refuse it">
            {(props) => (
              <Select
                {...props}
                options={[
                  ['keep', 'The run keeps its state'],
                  ['force', 'It gets the state all the same'],
                ]}
                value={action.force ? 'force' : 'keep'}
                onChange={({ target }) => change({ force: target.value === 'force' })}
              />
            )}
          </Field>
        </div>
      )
    default:
      return <TargetFields action={action} onChange={onChange} />
  }
}

function TargetFields({ action, onChange }: { action: Action; onChange: (action: Action) => void }) {
  const type = action.type ?? 'do-nothing'
  const noun = inferrable(type)
  const member = targetMember(type)
  if (noun === undefined || member === undefined) return null
  const isInferred = 'source' in action && action.source === 'inferred'
  const aim = (id: string | null) =>
    onChange({ ...action, source: id === null ? 'inferred' : 'selected', [member]: id } as Action)
  return (
    <div className={styles.fields}>
      <Field label="Which">
        {(props) => (
          <Select
            {...props}
            options={[
              ['selected', 'One that I choose'],
              ['inferred', 'That of the event'],
            ]}
            value={isInferred ? 'inferred' : 'selected'}
            onChange={({ target }) => aim(target.value === 'inferred' ? null : '')}
          />
        )}
      </Field>
      {!isInferred && <ObjectField noun={noun} id={targetOf(action) ?? ''} onChange={aim} />}
      {action.type === 'run-deployment' && (
        <>
          <SpanField
            label="Starts after"
            hint="0: at once."
            seconds={action.schedule_after ?? 0}
            onChange={(after) => onChange({ ...action, schedule_after: after })}
          />
          <div className={styles.whole}>
            <ObjectJsonField
              label="Parameters"
              hint="Empty: those of the deployment. Texts may be templates."
              value={action.parameters ?? null}
              onChange={(parameters) => onChange({ ...action, parameters })}
            />
            <ObjectJsonField
              label="Job variables"
              hint="Empty: those of the deployment."
              value={action.job_variables ?? null}
              onChange={(variables) => onChange({ ...action, job_variables: variables })}
            />
          </div>
        </>
      )}
    </div>
  )
}

function TemplateField({
  label,
  value,
  rows,
  onChange,
}: {
  label: string
  value: string
  rows: number
  onChange: (value: string) => void
}) {
  return (
    <Field
      label={label}
      hint={
        rows > 1
          ? 'A template: {{ flow_run.name }}, {{ event.resource.id }}. The preview shows it filled in.'
          : undefined
      }
    >
      {(props) =>
        rows === 1 ? (
          <TextInput {...props} value={value} onChange={({ target }) => onChange(target.value)} />
        ) : (
          <TextArea
            {...props}
            rows={rows}
            required
            spellCheck={false}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )
      }
    </Field>
  )
}
