// A draft as a form: its name, what it waits for, and what it does then.
import type { AutomationDraft } from '@/api/types'
import { Field, Select, TextInput } from '@/design/field'
import { Panel } from '@/design/page'

import { ActionsForm } from './actions-form'
import styles from './automations.module.css'
import { WordsField } from './inputs'
import { TriggerFields } from './trigger-fields'

interface BuilderFormProps {
  draft: AutomationDraft
  onChange: (draft: AutomationDraft) => void
}

/** The form. */
export function BuilderForm({ draft, onChange }: BuilderFormProps) {
  const change = (part: Partial<AutomationDraft>) => onChange({ ...draft, ...part })
  const { actions_on_trigger: onTrigger = [], actions_on_resolve: onResolve = [] } = draft
  return (
    <div className={styles.form}>
      <Panel title="Name">
        <AboutFields draft={draft} onChange={change} />
      </Panel>
      <Panel title="When">
        <TriggerFields trigger={draft.trigger} onChange={(trigger) => change({ trigger })} />
      </Panel>
      <Panel title="Do" isFlush>
        <ActionsForm actions={draft.actions} onChange={(actions) => change({ actions })} />
      </Panel>
      {onTrigger.length > 0 && (
        <Panel title="Do as well, told of the firing itself" isFlush>
          <ActionsForm
            label="Action on firing"
            actions={onTrigger}
            onChange={(actions) => change({ actions_on_trigger: actions })}
          />
        </Panel>
      )}
      {('metric' in draft.trigger || onResolve.length > 0) && (
        <Panel title="Do when it is over" isFlush>
          <ActionsForm
            label="Action at the end"
            actions={onResolve}
            onChange={(actions) => change({ actions_on_resolve: actions })}
          />
        </Panel>
      )}
    </div>
  )
}

function AboutFields({
  draft,
  onChange,
}: {
  draft: AutomationDraft
  onChange: (part: Partial<AutomationDraft>) => void
}) {
  return (
    <div className={styles.fields}>
      <Field label="Name">
        {(props) => (
          <TextInput
            {...props}
            required
            value={draft.name}
            onChange={({ target }) => onChange({ name: target.value })}
          />
        )}
      </Field>
      <Field label="Description">
        {(props) => (
          <TextInput
            {...props}
            value={draft.description ?? ''}
            onChange={({ target }) => onChange({ description: target.value })}
          />
        )}
      </Field>
      <WordsField
        label="Tags"
        hint="With commas between them."
        words={draft.tags ?? []}
        onChange={(tags) => onChange({ tags })}
      />
      <Field label="Once it is saved">
        {(props) => (
          <Select
            {...props}
            options={[
              ['on', 'It fires'],
              ['off', 'It waits until it is enabled'],
            ]}
            value={(draft.enabled ?? true) ? 'on' : 'off'}
            onChange={({ target }) => onChange({ enabled: target.value === 'on' })}
          />
        )}
      </Field>
    </div>
  )
}
