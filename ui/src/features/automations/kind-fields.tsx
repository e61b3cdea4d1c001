// The fields of the common triggers, each kind its own.
import { Button } from '@/design/button'
import { Field, Select, TextInput } from '@/design/field'
import { SpanField } from '@/design/span-field'

import styles from './automations.module.css'
import { LabelsField, WordsField } from './inputs'
import { ID, type Labels } from './labels'
import { ObjectsField, ScopeFields } from './objects-field'
import {
  type CombinedForm,
  type EventForm,
  type MetricForm,
  RUN_STATES,
  type RunForm,
  type StatusForm,
  type StatusObject,
  STATUSES,
  type TriggerForm,
} from './trigger-forms'

interface FormProps<T> {
  form: T
  onChange: (form: TriggerForm) => void
}

/** The fields of a kind that holds no other triggers. */
export function KindFields({ form, onChange }: FormProps<Exclude<TriggerForm, CombinedForm>>) {
  switch (form.kind) {
    case 'run':
      return <RunFields form={form} onChange={onChange} />
    case 'status':
      return <StatusFields form={form} onChange={onChange} />
    case 'metric':
      return <MetricFields form={form} onChange={onChange} />
    default:
      return <EventFields form={form} onChange={onChange} />
  }
}

function RunFields({ form, onChange }: FormProps<RunForm>) {
  return (
    <div className={styles.fields}>
      <ScopeFields scope={form.scope} onChange={(scope) => onChange({ ...form, scope })} />
      <WordsField
        label="States"
        words={form.states}
        known={RUN_STATES}
        onChange={(states) => onChange({ ...form, states })}
      />
      <SpanField
        label="Stays there for"
        hint="0: as soon as it enters the state."
        seconds={form.staysFor}
        onChange={(staysFor) => onChange({ ...form, staysFor })}
      />
    </div>
  )
}

const STATUS_OPTIONS = [
  ['work-pool', 'Work pools'],
  ['work-queue', 'Work queues'],
  ['deployment', 'Deployments'],
] as const

function StatusFields({ form, onChange }: FormProps<StatusForm>) {
  return (
    <div className={styles.fields}>
      <Field label="Of">
        {(props) => (
          <Select
            {...props}
            options={STATUS_OPTIONS}
            value={form.object}
            onChange={({ target }) =>
              onChange({
                ...form,
                object: target.value as StatusObject /* an option */,
                of: [],
                statuses: ['not-ready'],
              })
            }
          />
        )}
      </Field>
      <ObjectsField noun={form.object} ids={form.of} onChange={(of) => onChange({ ...form, of })} />
      <WordsField
        label="Becomes"
        words={form.statuses}
        known={STATUSES[form.object]}
        onChange={(statuses) => onChange({ ...form, statuses })}
      />
    </div>
  )
}

const COUNTED = [
  ['all', 'Over all resources'],
  ['each', 'For each resource by itself'],
  ['labels', 'For each value of labels'],
] as const

function EventFields({ form, onChange }: FormProps<EventForm>) {
  const isAbsence = form.kind === 'absence'
  const counted = form.forEach.length === 0 ? 'all' : form.forEach.join() === ID ? 'each' : 'labels'
  return (
    <div className={styles.fields}>
      <WordsField
        label={isAbsence ? 'Events that stay away' : 'Names of events'}
        hint="* at the end stands for all that begin so."
        words={form.expect}
        onChange={(expect) => onChange({ ...form, expect })}
      />
      <WordsField
        label="Resources"
        hint="Their ids; * stands for anything. Empty: any."
        words={form.resources}
        onChange={(resources) => onChange({ ...form, resources })}
      />
      <WordsField
        label="Only after"
        hint={isAbsence ? 'Events. Empty: all the time.' : 'Events. Empty: at any time.'}
        words={form.after}
        onChange={(after) => onChange({ ...form, after })}
      />
      <NumberField
        label={isAbsence ? 'Fewer than' : 'Times'}
        value={form.threshold}
        least={1}
        onChange={(threshold) => onChange({ ...form, threshold })}
      />
      <SpanField
        label="Within"
        hint={isAbsence ? 'At least 10 seconds.' : '0: however long it takes.'}
        seconds={form.within}
        onChange={(within) => onChange({ ...form, within })}
      />
      <Field label="Counted">
        {(props) => (
          <Select
            {...props}
            options={COUNTED}
            value={counted}
            onChange={({ target }) =>
              onChange({ ...form, forEach: { all: [], each: [ID], labels: [RELATED_DEPLOYMENT] }[target.value] ?? [] })
            }
          />
        )}
      </Field>
      {counted === 'labels' && (
        <WordsField
          label="Labels to count by"
          hint="related:ROLE:LABEL names one of a related resource."
          words={form.forEach}
          onChange={(forEach) => onChange({ ...form, forEach })}
        />
      )}
      <div className={styles.whole}>
        <LabelsField
          label="The resource has labels"
          hint="One a line: label = value, value. * stands for anything, a leading ! for not."
          labels={form.labels}
          onChange={(labels) => onChange({ ...form, labels })}
        />
      </div>
      <RelatedFields related={form.related} onChange={(related) => onChange({ ...form, related })} />
    </div>
  )
}

const RELATED_DEPLOYMENT = `related:deployment:${ID}`

function RelatedFields({ related, onChange }: { related: Labels[]; onChange: (related: Labels[]) => void }) {
  return (
    <div className={styles.whole}>
      {related.map((labels, index) => (
        <div key={index} className={styles.related}>
          <LabelsField
            label={`Related resource ${index + 1} has labels`}
            hint={`One a line: prefect.resource.role = flow, ${ID} = prefect.flow.…`}
            labels={labels}
            onChange={(next) => onChange(related.map((each, at) => (at === index ? next : each)))}
          />
          <Button look="quiet" onClick={() => onChange(related.filter((_, at) => at !== index))}>
            Remove related resource {index + 1}
          </Button>
        </div>
      ))}
      <Button onClick={() => onChange([...related, { 'prefect.resource.role': 'flow', [ID]: 'prefect.flow.*' }])}>
        Ask for a related resource
      </Button>
    </div>
  )
}

function MetricFields({ form, onChange }: FormProps<MetricForm>) {
  return (
    <div className={styles.fields}>
      <ScopeFields scope={form.scope} onChange={(scope) => onChange({ ...form, scope })} />
      <Field label="Number">
        {(props) => (
          <Select
            {...props}
            options={[
              ['successes', 'Share of successful runs (0 to 1)'],
              ['duration', 'Average duration (seconds)'],
              ['lateness', 'Average lateness (seconds)'],
            ]}
            value={form.metric}
            onChange={(event) =>
              onChange({ ...form, metric: event.target.value as MetricForm['metric'] /* an option */ })
            }
          />
        )}
      </Field>
      <Field label="Is">
        {(props) => (
          <Select
            {...props}
            options={[
              ['<', 'Below'],
              ['<=', 'At or below'],
              ['>', 'Above'],
              ['>=', 'At or above'],
            ]}
            value={form.operator}
            onChange={(event) =>
              onChange({ ...form, operator: event.target.value as MetricForm['operator'] /* an option */ })
            }
          />
        )}
      </Field>
      <NumberField label="Bound" value={form.threshold} onChange={(threshold) => onChange({ ...form, threshold })} />
      <SpanField
        label="Measured over"
        hint="At least 5 minutes."
        seconds={form.range}
        onChange={(range) => onChange({ ...form, range })}
      />
      <SpanField
        label="For at least"
        hint="At least 5 minutes."
        seconds={form.firingFor}
        onChange={(firingFor) => onChange({ ...form, firingFor })}
      />
    </div>
  )
}

/** A number that must not be less than `least`; without it, any number. */
export function NumberField({
  label,
  value,
  least,
  onChange,
}: {
  label: string
  value: number
  least?: number
  onChange: (value: number) => void
}) {
  return (
    <Field label={label}>
      {(props) => (
        <TextInput
          {...props}
          type="number"
          step={least === undefined ? 'any' : 1}
          min={least}
          value={value}
          onChange={(event) => !Number.isNaN(event.target.valueAsNumber) && onChange(event.target.valueAsNumber)}
        />
      )}
    </Field>
  )
}
