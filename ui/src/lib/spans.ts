// Spans of time as people write them (`1h 30m`), and as ISO 8601 does (`PT1H30M`).

const UNITS: [RegExp, number][] = [
  [/^(w|weeks?)$/, 604_800],
  [/^(d|days?)$/, 86_400],
  [/^(h|hours?|hrs?)$/, 3600],
  [/^(m|mins?|minutes?)$/, 60],
  [/^(s|secs?|seconds?)$/, 1],
  [/^(ms|milliseconds?)$/, 0.001],
]
const ISO = /^(-)?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const WORDS = /^(?:\d+(?:\.\d+)?\s*[a-z]+[\s,]*)+$/

/** The seconds of a span: `90`, `1h 30m`, `2 days`, `00:15:00` or ISO 8601; null where it is none of these. */
export function readSpan(text: string): number | null {
  const plain = text.trim()
  const iso = ISO.exec(plain.toUpperCase())
  if (iso !== null && /\d/.test(plain)) {
    const [weeks, days, hours, minutes, seconds] = iso.slice(2).map((part: string | undefined) => Number(part ?? 0))
    const whole = ((weeks ?? 0) * 7 + (days ?? 0)) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
    return iso[1] === '-' ? -whole : whole
  }
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain)
  const clock = /^(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$/.exec(plain)
  if (clock !== null) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)
  return readWords(plain.toLowerCase())
}

function readWords(text: string): number | null {
  if (!WORDS.test(text)) return null
  let seconds = 0
  for (const [, count, word] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = UNITS.find(([pattern]) => pattern.test(word ?? ''))
    if (unit === undefined) return null
    seconds += Number(count) * unit[1]
  }
  return Number(seconds.toFixed(6))
}

/** ISO 8601 of seconds: `PT1H30M`, with days as `P1DT2H`. */
export function isoSpan(seconds: number): string {
  const span = Math.abs(seconds)
  const days = Math.floor(span / 86_400)
  const hours = Math.floor((span % 86_400) / 3600)
  const minutes = Math.floor((span % 3600) / 60)
  const rest = Number((span % 60).toFixed(6))
  const time = [hours && `${hours}H`, minutes && `${minutes}M`, rest && `${rest}S`].filter(Boolean).join('')
  const text = `P${days > 0 ? `${days}D` : ''}${time && `T${time}`}`
  return (seconds < 0 ? '-' : '') + (text === 'P' ? 'PT0S' : text)
}

/** All parts of a span in words: `1d 1h 30m`. */
export function spanWords(seconds: number): string {
  const words = isoSpan(seconds)
    .replace(/^(-)?PT?/, '$1')
    .replace('T', '')
  return words.toLowerCase().replace(/([a-z])(?=\d)/g, '$1 ')
}
