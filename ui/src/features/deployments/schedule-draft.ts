// A schedule as it stands in the form, and as it is sent.
import type { Schedule, ScheduleChanges, ScheduleDraft, ScheduleTimes } from '@/api/types'
import { isSame, readValues, type SchemaValues } from '@/features/schema-form/public'
import { readSpan, spanWords } from '@/lib/spans'
import { VIEWER } from '@/lib/zones'

export type Kind = 'interval' | 'cron' | 'rrule'

export interface Draft {
  kind: Kind
  every: string
  anchor: string | undefined
  cron: string
  isDayOr: boolean
  rrule: string
  zone: string
  isActive: boolean
  slug: string
  mostAhead: string
  catchup: Schedule['catchup']
  mostLate: string
  parameters: SchemaValues
}

/** What stands in the form at first. */
export function draftOf(stored: Schedule | null): Draft {
  const times = stored?.schedule
  const seconds = times && 'interval' in times ? Number(times.interval) : 3600
  return {
    kind: times === undefined || 'cron' in times ? 'cron' : 'interval' in times ? 'interval' : 'rrule',
    every: spanWords(seconds),
    anchor: times && 'interval' in times ? times.anchor_date : undefined,
    cron: times && 'cron' in times ? times.cron : '0 9 * * 1-5',
    isDayOr: times && 'cron' in times ? times.day_or : true,
    rrule: times && 'rrule' in times ? times.rrule : 'FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0',
    zone: times === undefined ? VIEWER : (times.timezone ?? 'UTC'),
    isActive: stored?.active ?? true,
    slug: stored?.slug ?? '',
    mostAhead: stored?.max_scheduled_runs?.toString() ?? '',
    catchup: stored?.catchup ?? 'all',
    mostLate: stored?.max_late_seconds == null ? '' : spanWords(stored.max_late_seconds),
    parameters: stored?.parameters ?? {},
  }
}

/** What the draft says of times; null where a span is none. */
export function timesOf(draft: Draft): ScheduleDraft | null {
  const timezone = draft.zone
  if (draft.kind === 'cron') return { cron: draft.cron.trim(), timezone, day_or: draft.isDayOr }
  if (draft.kind === 'rrule') return { rrule: draft.rrule.trim(), timezone }
  const interval = readSpan(draft.every)
  if (interval === null || interval <= 0) return null
  return { interval, timezone, ...(draft.anchor !== undefined && { anchor_date: draft.anchor }) }
}

/** The fields of the form that can be wrong by themselves. */
export type Problems = Partial<Record<'every' | 'mostAhead' | 'mostLate' | 'parameters', string>>

/** What is to be sent, or what is wrong. */
export function readDraft(draft: Draft): { body: ScheduleTimes; problems: null } | { body: null; problems: Problems } {
  const schedule = timesOf(draft)
  const late = draft.mostLate.trim() === '' ? null : readSpan(draft.mostLate)
  const ahead = draft.mostAhead.trim() === '' ? null : Number(draft.mostAhead)
  const { values, problems: wrong } = readValues(null, draft.parameters)
  const problems: Problems = {
    ...(schedule === null && { every: SPAN }),
    ...(ahead !== null &&
      !(Number.isInteger(ahead) && ahead >= 1 && ahead <= 50) && { mostAhead: 'A number from 1 to 50.' }),
    ...(draft.mostLate.trim() !== '' && late === null && { mostLate: SPAN }),
    ...(Object.keys(wrong).length > 0 && { parameters: Object.values(wrong)[0] }),
  }
  if (schedule === null || Object.keys(problems).length > 0) return { body: null, problems }
  const body = {
    schedule,
    active: draft.isActive,
    parameters: values,
    max_scheduled_runs: ahead,
    slug: draft.slug.trim() || null,
    catchup: draft.catchup,
    max_late_seconds: late,
  } as ScheduleTimes
  return { body, problems: null }
}

const SPAN = 'A span of time longer than 0 is needed, such as 15m, 1h 30m or 1d.'

/** The change that makes a stored schedule say this: what it takes away it names, since null says nothing. */
export function changesTo(stored: Schedule, body: ScheduleTimes): ScheduleChanges {
  const clear = (['slug', 'max_scheduled_runs', 'max_late_seconds'] as const).filter(
    (name) => stored[name] !== null && body[name] === null,
  )
  return { ...body, ...(clear.length > 0 && { clear }) }
}

/** A stored schedule as it is sent, with changes. */
export function asSent(stored: Schedule, changes: Partial<ScheduleTimes>): ScheduleTimes {
  const { schedule, active, parameters, max_scheduled_runs, slug, catchup, max_late_seconds } = stored
  return {
    schedule,
    active,
    parameters,
    max_scheduled_runs,
    slug,
    catchup,
    max_late_seconds,
    ...changes,
  }
}

/** Whether two drafts say the same of times. */
export function hasSameTimes(one: Draft, other: Draft): boolean {
  return isSame(timesOf(one), timesOf(other))
}
