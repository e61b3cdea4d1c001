// A schedule, new or stored: its kind and times, with what they come to, and how its runs are made.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'

import { messageOf } from '@/api/errors'
import { changeSchedule, createSchedule } from '@/api/schedules'
import type { Deployment, Schedule, ScheduleTimes } from '@/api/types'
import { Button } from '@/design/button'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { Switch } from '@/design/switch'
import { notify } from '@/design/toast'
import { DateTimeInput } from '@/features/datetime-input'
import { SchemaForm } from '@/features/schema-form/public'
import { ZonePicker } from '@/features/zone-picker'

import styles from './schedules.module.css'
import { changesTo, type Draft, draftOf, type Kind, type Problems, readDraft, timesOf } from './schedule-draft'
import { SchedulePreview, usePreview } from './schedule-preview'
import { cronWords } from './schedule-words'

const PAUSE = 350
const KINDS: readonly (readonly [Kind, string])[] = [
  ['cron', 'Cron: at times of the clock'],
  ['interval', 'Interval: every so often'],
  ['rrule', 'RRULE: a calendar recurrence'],
]

interface ScheduleDialogProps {
  deployment: Deployment
  /** Null makes a new one. */
  stored: Schedule | null
  onClose: () => void
}

/** The dialog. */
export function ScheduleDialog({ deployment, stored, onClose }: ScheduleDialogProps) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(stored))
  const [problems, setProblems] = useState<Problems>({})
  const settled = useSettled(draft)
  const preview = usePreview(timesOf(settled))
  const save = useMutation({
    mutationFn: (body: ScheduleTimes) => store(deployment.id, stored, body),
    onSuccess: () => {
      notify(stored === null ? 'Schedule added' : 'Schedule changed')
      onClose()
    },
    onSettled: () =>
      Promise.all(['deployments', 'flow-runs'].map((noun) => client.invalidateQueries({ queryKey: [noun] }))),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readDraft(draft)
    setProblems(read.problems ?? {})
    if (read.body !== null) save.mutate(read.body)
  }
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  return (
    <Dialog title={stored === null ? 'New schedule' : 'Change the schedule'} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field label="Kind">
          {(props) => (
            <Select
              {...props}
              options={KINDS}
              value={draft.kind}
              onChange={({ target }) => change({ kind: target.value as Kind })}
            />
          )}
        </Field>
        <Times draft={draft} problem={problems.every ?? (preview.problems.times || undefined)} onChange={change} />
        <Field
          label="Time zone"
          hint="Its clock is the one that counts, also when it is put forward or back."
          error={preview.problems.zone || undefined}
        >
          {(props) => (
            <ZonePicker {...props} label="Time zone" value={draft.zone} onChange={(zone) => change({ zone })} />
          )}
        </Field>
        <SchedulePreview {...preview} />
        <MoreOfSchedule deployment={deployment} draft={draft} problems={problems} onChange={change} />
        {save.isError && <p role="alert">{messageOf(save.error)}</p>}
        <Button look="primary" type="submit" isBusy={save.isPending}>
          {stored === null ? 'Add the schedule' : 'Save'}
        </Button>
      </form>
    </Dialog>
  )
}

async function store(deploymentId: string, stored: Schedule | null, body: ScheduleTimes): Promise<void> {
  if (stored === null) await createSchedule(deploymentId, body)
  else await changeSchedule(deploymentId, stored.id, changesTo(stored, body))
}

/** The draft once nobody has typed for a moment. */
function useSettled(draft: Draft): Draft {
  const [settled, setSettled] = useState(draft)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(draft), PAUSE)
    return () => clearTimeout(timer)
  }, [draft])
  return settled
}

interface PartProps {
  draft: Draft
  onChange: (part: Partial<Draft>) => void
}

function Times({ draft, problem, onChange }: PartProps & { problem: string | undefined }) {
  if (draft.kind === 'interval')
    return (
      <>
        <Field label="Every" hint="Such as 15m, 1h 30m or 1d. Whole days keep the hour of the clock." error={problem}>
          {(props) => (
            <TextInput {...props} value={draft.every} onChange={({ target }) => onChange({ every: target.value })} />
          )}
        </Field>
        <Field
          label="Counted from"
          hint="The anchor: times lie whole intervals before and after it. Empty: from when it is saved."
        >
          {(props) => <DateTimeInput {...props} value={draft.anchor} onChange={(anchor) => onChange({ anchor })} />}
        </Field>
      </>
    )
  if (draft.kind === 'rrule')
    return (
      <Field
        label="Rule"
        hint="As RFC 5545 has it: FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9. Its digits are the zone’s clock."
        error={problem}
      >
        {(props) => (
          <TextArea
            {...props}
            rows={3}
            spellCheck={false}
            value={draft.rrule}
            onChange={({ target }) => onChange({ rrule: target.value })}
          />
        )}
      </Field>
    )
  return (
    <>
      <Field
        label="Cron expression"
        hint={`Minute, hour, day, month, weekday: ${cronWords(draft.cron, draft.isDayOr)}.`}
        error={problem}
      >
        {(props) => (
          <TextInput
            {...props}
            spellCheck={false}
            value={draft.cron}
            onChange={({ target }) => onChange({ cron: target.value })}
          />
        )}
      </Field>
      <Field label="Where a day of the month and a weekday are named">
        {(props) => (
          <Select
            {...props}
            options={[
              ['or', 'either is enough, as cron has it'],
              ['and', 'both must match'],
            ]}
            value={draft.isDayOr ? 'or' : 'and'}
            onChange={({ target }) => onChange({ isDayOr: target.value === 'or' })}
          />
        )}
      </Field>
    </>
  )
}

const CATCH_UP = [
  ['all', 'all of them'],
  ['latest', 'the latest only'],
  ['none', 'none that is late'],
] as const

function MoreOfSchedule({
  deployment,
  draft,
  problems,
  onChange,
}: PartProps & { deployment: Deployment; problems: Problems }) {
  return (
    <>
      <div className={styles.check}>
        <Switch label="Makes runs" isOn={draft.isActive} onChange={(isActive) => onChange({ isActive })} />
        <span aria-hidden>{draft.isActive ? 'Makes runs' : 'Paused: makes no runs'}</span>
      </div>
      <details>
        <summary>Parameters, name, how many ahead, after an outage</summary>
        <div className={styles.form}>
          <Field
            label="Slug"
            hint="A name within the deployment, by which a new deployment of the flow finds it again."
          >
            {(props) => (
              <TextInput {...props} value={draft.slug} onChange={({ target }) => onChange({ slug: target.value })} />
            )}
          </Field>
          <Field
            label="Runs made ahead, at most"
            hint="From 1 to 50. Empty: as the server is set."
            error={problems.mostAhead}
          >
            {(props) => (
              <TextInput
                {...props}
                inputMode="numeric"
                value={draft.mostAhead}
                onChange={({ target }) => onChange({ mostAhead: target.value })}
              />
            )}
          </Field>
          <Field label="Of runs that became due while nothing could start them, start">
            {(props) => (
              <Select
                {...props}
                options={CATCH_UP}
                value={draft.catchup}
                onChange={({ target }) => onChange({ catchup: target.value as Draft['catchup'] })}
              />
            )}
          </Field>
          <Field
            label="Late by at most"
            hint="A run that is later is skipped. Empty: no limit, or a minute where none that is late starts."
            error={problems.mostLate}
          >
            {(props) => (
              <TextInput
                {...props}
                value={draft.mostLate}
                onChange={({ target }) => onChange({ mostLate: target.value })}
              />
            )}
          </Field>
          <fieldset className={styles.group}>
            <legend>Parameters, where they differ from the deployment’s</legend>
            <SchemaForm
              schema={optional(deployment.parameter_openapi_schema)}
              values={draft.parameters}
              problems={problems.parameters === undefined ? {} : { '': problems.parameters }}
              onChange={(parameters) => onChange({ parameters })}
              canRefer
              none="The flow takes no parameters."
            />
          </fieldset>
        </div>
      </details>
    </>
  )
}

/** What is left out comes from the deployment. */
function optional(schema: Deployment['parameter_openapi_schema']) {
  return schema === null ? null : { ...schema, required: [] }
}
