// What an automation waits for: the kind of the trigger with its fields, triggers within triggers, or JSON.
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { Trigger } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { Field, Select } from '@/design/field'
import { JsonField } from '@/design/json-field'
import { SpanField } from '@/design/span-field'
import { jsonText, readJsonObject } from '@/lib/json'

import styles from './automations.module.css'
import { KindFields, NumberField } from './kind-fields'
import { type CombinedForm, emptyForm, type TriggerForm, type TriggerKind, writeTrigger } from './trigger-forms'
import { isTrigger, readTrigger } from './trigger-reading'

type Choice = TriggerKind | 'sla' | 'incident' | 'json'

const CHOICES: readonly (readonly [Choice, string])[] = [
  ['run', 'A flow run changes its state'],
  ['status', 'A deployment, work pool or work queue changes its status'],
  ['metric', 'A number over many runs leaves its bounds'],
  ['sla', 'A service level is missed'],
  ['incident', 'An incident is declared'],
  ['event', 'An event comes'],
  ['absence', 'An event does not come'],
  ['compound', 'Several of these, in any order'],
  ['sequence', 'Several of these, one after the other'],
  ['json', 'Something that is written as JSON'],
]
/** Events that many wait for, and that begin an ordinary event trigger. */
const TEMPLATES: Partial<Record<Choice, string>> = {
  sla: 'prefect.sla.violation',
  incident: 'prefect-cloud.incident.declared',
}

interface TriggerFieldsProps {
  trigger: Trigger
  onChange: (trigger: Trigger) => void
  /** Whether it stands within another, where no metric can. */
  isWithin?: boolean
}

/** The fields. */
export function TriggerFields({ trigger, onChange, isWithin = false }: TriggerFieldsProps) {
  const [held, setHeld] = useState<TriggerForm | null>(null)
  const [isJson, setJson] = useState(() => readTrigger(trigger) === null)
  // Half-filled forms say less by their triggers than they show: a scope without objects is none.
  const isHeld = held !== null && JSON.stringify(writeTrigger(held)) === JSON.stringify(trigger)
  const form = isJson ? null : isHeld ? held : readTrigger(trigger)
  const change = (next: TriggerForm) => {
    setHeld(next)
    onChange(writeTrigger(next))
  }
  const choose = (choice: Choice) => {
    setJson(choice === 'json')
    if (choice === 'json') return
    if (choice !== 'sla' && choice !== 'incident') return change(emptyForm(choice))
    change({ ...emptyForm('event'), expect: [TEMPLATES[choice] ?? ''] } as TriggerForm)
  }
  return (
    <div className={styles.form}>
      <Field label="What it waits for">
        {(props) => (
          <Select
            {...props}
            options={isWithin ? CHOICES.filter(([choice]) => choice !== 'metric') : CHOICES}
            value={form?.kind ?? 'json'}
            onChange={({ target }) => choose(target.value as Choice /* an option */)}
          />
        )}
      </Field>
      {form === null ? (
        <TriggerJson trigger={trigger} onChange={onChange} />
      ) : 'triggers' in form ? (
        <CombinedFields form={form} onChange={change} />
      ) : (
        <KindFields form={form} onChange={change} />
      )}
    </div>
  )
}

function TriggerJson({ trigger, onChange }: Omit<TriggerFieldsProps, 'isWithin'>) {
  const [text, setText] = useState(() => jsonText(trigger))
  const { value } = readJsonObject(text)
  const type = (typed: string) => {
    setText(typed)
    const read = readJsonObject(typed).value
    if (isTrigger(read)) onChange(read)
  }
  return (
    <JsonField
      label="The trigger as JSON"
      hint="All that the server knows can be written here."
      error={
        value === undefined || isTrigger(value) ? undefined : 'This is no trigger yet: it has no type, or no lists.'
      }
      rows={10}
      value={text}
      onChange={type}
    />
  )
}

function CombinedFields({ form, onChange }: { form: CombinedForm; onChange: (form: TriggerForm) => void }) {
  const { triggers } = form
  const change = (next: Trigger[]) => onChange({ ...form, triggers: next })
  return (
    <>
      <div className={styles.fields}>
        {form.kind === 'compound' && <RequireFields form={form} onChange={onChange} />}
        <SpanField
          label="Within"
          hint="0: however long it takes."
          seconds={form.within}
          onChange={(within) => onChange({ ...form, within })}
        />
      </div>
      <ol className={styles.children} aria-label="Triggers within">
        {triggers.map((trigger, index) => (
          <li key={index} className={styles.child}>
            <div className={styles.childHead}>
              <strong>{form.kind === 'sequence' ? `Step ${index + 1}` : `Trigger ${index + 1}`}</strong>
              <IconButton
                label={`Remove trigger ${index + 1}`}
                icon={<Trash2 size={15} aria-hidden />}
                onClick={() => change(triggers.filter((_, at) => at !== index))}
              />
            </div>
            <TriggerFields
              isWithin
              trigger={trigger}
              onChange={(next) => change(triggers.map((each, at) => (at === index ? next : each)))}
            />
          </li>
        ))}
      </ol>
      <p>
        <Button
          icon={<Plus size={15} aria-hidden />}
          onClick={() => change([...triggers, writeTrigger(emptyForm('event'))])}
        >
          Add a trigger
        </Button>
      </p>
    </>
  )
}

function RequireFields({ form, onChange }: { form: CombinedForm; onChange: (form: TriggerForm) => void }) {
  const isNumber = typeof form.require === 'number'
  return (
    <>
      <Field label="How many of them">
        {(props) => (
          <Select
            {...props}
            options={[
              ['all', 'All'],
              ['any', 'Any one'],
              ['some', 'At least so many'],
            ]}
            value={isNumber ? 'some' : String(form.require)}
            onChange={({ target }) =>
              onChange({ ...form, require: target.value === 'some' ? 1 : target.value === 'any' ? 'any' : 'all' })
            }
          />
        )}
      </Field>
      {isNumber && (
        <NumberField
          label="At least"
          value={Number(form.require)}
          least={1}
          onChange={(require) => onChange({ ...form, require })}
        />
      )}
    </>
  )
}
