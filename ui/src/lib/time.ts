// Instants and spans in words. Times come as ISO texts in UTC; spans are seconds.

export type Zone = 'local' | 'utc'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const PARTS: [number, string][] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [1, 's'],
]

/** `1h 4m`, `12.3s`, `340ms`: the two largest parts of a span of seconds. */
export function formatDuration(seconds: number): string {
  const span = Math.abs(seconds)
  if (span < 0.0005) return '0s'
  if (span < 1) return `${Math.round(span * 1000)}ms`
  if (span < 10) return `${trim(span.toFixed(1))}s`
  const whole = Math.round(span)
  const first = PARTS.findIndex(([size]) => whole >= size)
  const shown = PARTS.slice(first, first + 2).map(([size, unit], index) => {
    const larger = index === 0 ? Infinity : (PARTS[first]?.[0] ?? Infinity)
    return [Math.floor((whole % larger) / size), unit] as const
  })
  return shown
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}

/** `in 5m` or `5m ago`; `now` within a second. */
export function formatRelative(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000
  if (Math.abs(seconds) < 1) return 'now'
  const span = formatDuration(Math.round(seconds)).split(' ')[0] ?? ''
  return seconds > 0 ? `in ${span}` : `${span} ago`
}

/** `22 Nov 2026, 14:03:12` in full (UTC is said, the local zone is not), `22 Nov, 14:03` to the minute, or the time alone. */
export function formatInstant(iso: string, zone: Zone, parts: 'full' | 'time' | 'minute' = 'full'): string {
  const time: Intl.DateTimeFormatOptions =
    parts === 'minute'
      ? { hour: '2-digit', minute: '2-digit' }
      : { hour: '2-digit', minute: '2-digit', second: '2-digit' }
  const day: Intl.DateTimeFormatOptions =
    parts === 'time' ? {} : { day: 'numeric', month: 'short', ...(parts === 'full' && { year: 'numeric' }) }
  const format = formatOf(JSON.stringify([zone, parts]), {
    ...day,
    ...time,
    hourCycle: 'h23',
    timeZone: zone === 'utc' ? 'UTC' : undefined,
  })
  return format.format(new Date(iso)) + (zone === 'utc' && parts === 'full' ? ' UTC' : '')
}

/** Seconds from one instant to another; to now where the second is missing. */
export function secondsBetween(from: string, to: string | null, now: number): number {
  return ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', options)
  formats.set(key, known)
  return known
}

function trim(text: string): string {
  return text.replace(/\.0$/, '')
}
