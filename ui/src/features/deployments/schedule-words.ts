// Schedules in words.
import cronstrue from 'cronstrue'

import type { Schedule } from '@/api/types'
import { spanWords } from '@/lib/spans'

/** `every 5m`, `at 02:00 (Europe/Berlin)`, or what a recurrence rule says. */
export function scheduleWords({ schedule }: Pick<Schedule, 'schedule'>): string {
  if ('interval' in schedule) return `every ${spanWords(Number(schedule.interval))}`
  const zone = schedule.timezone && schedule.timezone !== 'UTC' ? ` (${schedule.timezone})` : ''
  return ('cron' in schedule ? cronWords(schedule.cron, schedule.day_or) : ruleWords(schedule.rrule)) + zone
}

/** A cron expression in words; itself where it has none. */
export function cronWords(cron: string, isDayOr: boolean): string {
  const isBoth = !isDayOr && hasBothDays(cron)
  // What reads the expression takes days of the month and of the week as either-or, and its words would be wrong.
  if (isBoth) return `${cron} (only where both days match)`
  try {
    const words = cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: false })
    return words.charAt(0).toLowerCase() + words.slice(1)
  } catch {
    return cron
  }
}

function hasBothDays(cron: string): boolean {
  const fields = cron.trim().split(/\s+/)
  return fields.length >= 5 && fields[2] !== '*' && fields[4] !== '*'
}

const UNITS: Record<string, string> = {
  SECONDLY: 'second',
  MINUTELY: 'minute',
  HOURLY: 'hour',
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
  YEARLY: 'year',
}
const DAYS: Record<string, string> = { MO: 'Mon', TU: 'Tue', WE: 'Wed', TH: 'Thu', FR: 'Fri', SA: 'Sat', SU: 'Sun' }
/** What is put into words; a rule that says more is shown as it is. */
const KNOWN = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'COUNT', 'UNTIL', 'WKST'])

/** A recurrence rule in words; itself where it says more than they can. */
export function ruleWords(rrule: string): string {
  const rule = rrule.split('\n').filter((line) => !/^DTSTART/i.test(line))
  const parts = new Map(
    (rule[0] ?? '')
      .replace(/^RRULE:/i, '')
      .split(';')
      .map((part) => part.trim().toUpperCase().split('=') as [string, string]),
  )
  const unit = UNITS[parts.get('FREQ') ?? '']
  const days = parts.get('BYDAY')?.split(',')
  const isPlain =
    rule.length === 1 && [...parts.keys()].every((name) => KNOWN.has(name)) && (days ?? []).every((day) => day in DAYS)
  if (!isPlain || unit === undefined) return rrule
  const every = Number(parts.get('INTERVAL') ?? 1)
  const until = parts.get('UNTIL')
  return [
    every === 1 ? `every ${unit}` : `every ${every} ${unit}s`,
    days && `on ${days.map((day) => DAYS[day]).join(', ')}`,
    timesOf(parts),
    parts.has('COUNT') && `${parts.get('COUNT')} times`,
    until && `until ${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}`,
  ]
    .filter(Boolean)
    .join(' ')
}

function timesOf(parts: Map<string, string>): string | undefined {
  const hours = parts.get('BYHOUR')?.split(',')
  const minutes = (parts.get('BYMINUTE') ?? '0').split(',')
  if (hours === undefined) return parts.has('BYMINUTE') ? `at minute ${minutes.join(', ')}` : undefined
  const two = (text: string) => text.padStart(2, '0')
  return `at ${hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)).join(', ')}`
}
