// The fields of a deployment, in the parts of its form.
import { useQuery } from '@tanstack/react-query'

import { concurrencyLimitsQuery } from '@/api/concurrency-limits'
import type { Deployment } from '@/api/types'
import { workPoolsQuery } from '@/api/work-pools'
import { Checkbox } from '@/design/checkbox'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { Fields, Stack } from '@/design/form'
import { JsonField } from '@/design/json-field'
import { Facts, Row } from '@/design/page'
import { type Problems, SchemaForm } from '@/features/schema-form/public'
import { WorkQueuePicker } from '@/features/work-pools/public'

import styles from './deployments.module.css'
import { type Collision, type EditDraft, type EditProblems, optionalSchema, type RetryOnly } from './edit-draft'

interface PartProps {
  deployment: Deployment
  draft: EditDraft
  problems: EditProblems
  onChange: (part: Partial<EditDraft>) => void
}

interface TextProps {
  label: string
  hint?: string
  problem: string | undefined
  value: string
  onChange: (value: string) => void
  isNumber?: boolean
}

function TextField({ label, hint, problem, value, onChange, isNumber = false }: TextProps) {
  return (
    <Field label={label} hint={hint} error={problem}>
      {(props) => (
        <TextInput
          {...props}
          inputMode={isNumber ? 'numeric' : undefined}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  hint?: string
  problem?: string
  options: readonly (readonly [T, string])[]
  value: T
  onChange: (value: T) => void
}

function Choice<T extends string>({ label, hint, problem, options, value, onChange }: ChoiceProps<T>) {
  return (
    <Field label={label} hint={hint} error={problem}>
      {(props) => (
        <Select
          {...props}
          options={options}
          value={value}
          onChange={({ target }) => onChange(target.value as T /* an option */)}
        />
      )}
    </Field>
  )
}

function Tick({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <Row>
      <Checkbox label={label} isChecked={isOn} onChange={onChange} />
      <span aria-hidden>{label}</span>
    </Row>
  )
}

/** What it is: people can change what they read, the code says the rest. */
export function AboutFields({ deployment, draft, problems, onChange }: PartProps) {
  return (
    <Stack>
      <Field label="Description" hint="Markdown." error={problems.description}>
        {(props) => (
          <TextArea
            {...props}
            rows={5}
            value={draft.description}
            onChange={({ target }) => onChange({ description: target.value })}
          />
        )}
      </Field>
      <TextField
        label="Tags"
        hint="With commas between them; its runs have them as well."
        problem={problems.tags}
        value={draft.tags}
        onChange={(tags) => onChange({ tags })}
      />
      <Facts
        facts={[
          ['Entrypoint', deployment.entrypoint && <code>{deployment.entrypoint}</code>],
          ['Path', deployment.path && <code>{deployment.path}</code>],
          ['Version', deployment.version],
        ]}
      />
      {deployment.entrypoint && <p className={styles.quiet}>Its code says these: deploy it again to change them.</p>}
    </Stack>
  )
}

/** What its runs are given where nobody says otherwise. */
export function ParameterFields({ deployment, draft, problems, wrong, onChange }: PartProps & { wrong: Problems }) {
  const isSomethingElse = problems.parameters !== undefined && Object.keys(wrong).length === 0
  return (
    <Stack>
      <SchemaForm
        schema={optionalSchema(deployment)}
        values={draft.parameters}
        problems={isSomethingElse ? { '': problems.parameters ?? '' } : wrong}
        onChange={(parameters) => onChange({ parameters })}
        none="The flow takes no parameters."
      />
      <Tick
        label="Refuse runs whose parameters do not fit"
        isOn={draft.isEnforced}
        onChange={(isEnforced) => onChange({ isEnforced })}
      />
    </Stack>
  )
}

/** The work pool, its queue, and what its job template is filled with. */
export function PlaceFields({ draft, problems, onChange }: PartProps) {
  const pools = useQuery(workPoolsQuery())
  const names = pools.data?.map(({ name }) => [name, name] as const) ?? []
  const isKnown = draft.pool === '' || names.some(([name]) => name === draft.pool)
  return (
    <Stack>
      <Fields>
        <Choice
          label="Work pool"
          problem={problems.pool ?? (pools.isError ? 'The work pools could not be loaded.' : undefined)}
          options={[
            ['', 'None: a process serves it'],
            ...names,
            ...(isKnown ? [] : [[draft.pool, draft.pool] as const]),
          ]}
          value={draft.pool}
          onChange={(pool) => onChange({ pool, queue: '' })}
        />
        {draft.pool !== '' && (
          <WorkQueuePicker pool={draft.pool} value={draft.queue} onChange={(queue) => onChange({ queue })} />
        )}
      </Fields>
      <JsonField
        label="Job variables"
        hint="As JSON: what differs from the defaults of the pool’s job template, such as image or env."
        error={problems.variables}
        value={draft.variables}
        onChange={(variables) => onChange({ variables })}
        rows={6}
      />
    </Stack>
  )
}

const LIMITS = [
  ['none', 'Any number'],
  ['own', 'At most so many'],
  ['shared', 'As a limit says that others share'],
] as const
const COLLISIONS: readonly (readonly [Collision, string])[] = [
  ['ENQUEUE', 'It waits for a slot'],
  ['CANCEL_NEW', 'It is cancelled'],
]
const RETRIES: readonly (readonly [RetryOnly, string])[] = [
  ['never_started', 'Its flow had not begun'],
  ['any', 'It crashed, wherever it was'],
]

/** How many run and wait at once, and what becomes of those that crash. */
export function RunFields({ draft, problems, onChange }: PartProps) {
  return (
    <Stack>
      <Tick
        label="Paused: its schedules make no runs"
        isOn={draft.isPaused}
        onChange={(isPaused) => onChange({ isPaused })}
      />
      <Fields>
        <Choice
          label="Runs at once"
          options={LIMITS}
          value={draft.limitKind}
          onChange={(limitKind) => onChange({ limitKind })}
        />
        <LimitFields draft={draft} problems={problems} onChange={onChange} />
        <TextField
          label="Runs that may wait"
          hint="When more are due, the oldest are skipped. Empty: any number."
          problem={problems.mostQueued}
          value={draft.mostQueued}
          isNumber
          onChange={(mostQueued) => onChange({ mostQueued })}
        />
        <TextField
          label="Crashed runs are run again"
          hint="So many times, at most 100. Empty: as the work pool says."
          problem={problems.retries}
          value={draft.retries}
          isNumber
          onChange={(retries) => onChange({ retries })}
        />
        {draft.retries.trim() !== '' && (
          <>
            <TextField
              label="After"
              hint="Such as 30s or 5m. Empty: at once."
              problem={problems.retryDelay}
              value={draft.retryDelay}
              onChange={(retryDelay) => onChange({ retryDelay })}
            />
            <Choice
              label="A run is run again if"
              options={RETRIES}
              value={draft.retryOnly}
              onChange={(retryOnly) => onChange({ retryOnly })}
            />
          </>
        )}
      </Fields>
    </Stack>
  )
}

function LimitFields({ draft, problems, onChange }: Omit<PartProps, 'deployment'>) {
  if (draft.limitKind === 'none') return null
  return (
    <>
      {draft.limitKind === 'own' ? (
        <TextField
          label="At most"
          problem={problems.limit}
          value={draft.limit}
          isNumber
          onChange={(limit) => onChange({ limit })}
        />
      ) : (
        <SharedLimit
          value={draft.sharedLimit}
          problem={problems.sharedLimit}
          onChange={(sharedLimit) => onChange({ sharedLimit })}
        />
      )}
      <Choice
        label="A run beyond it"
        options={COLLISIONS}
        value={draft.collision}
        onChange={(collision) => onChange({ collision })}
      />
      <TextField
        label="Grace period"
        hint="How long a slot is kept for a run that has not begun, 1m to 1d. Empty: as the server is set."
        problem={problems.grace}
        value={draft.grace}
        onChange={(grace) => onChange({ grace })}
      />
    </>
  )
}

interface SharedProps {
  value: string
  problem: string | undefined
  onChange: (id: string) => void
}

function SharedLimit({ value, problem, onChange }: SharedProps) {
  const limits = useQuery(concurrencyLimitsQuery())
  // Those of deployments are their own, those of tags are for task runs.
  const shared = limits.data?.filter(({ name }) => !/^(deployment|tag):/.test(name)) ?? []
  const options = shared.map(({ id, name, limit }) => [id, `${name} (${limit})`] as const)
  return (
    <Choice
      label="Shared limit"
      problem={problem ?? (limits.isError ? 'The limits could not be loaded.' : undefined)}
      options={[['', 'Choose one'], ...options]}
      value={value}
      onChange={onChange}
    />
  )
}
