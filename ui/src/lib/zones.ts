// Wall clocks of time zones: what a clock shows at an instant, and when it shows what was typed.

export const VIEWER = Intl.DateTimeFormat().resolvedOptions().timeZone

const formats = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known =
    formats.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(zone, known)
  return known
}

/** What the clock of a zone shows: `2026-11-22T14:03:12`. */
export function wallClock(instant: number, zone: string): string {
  return clockOf(zone).format(instant).replace(' ', 'T')
}

/** By how many minutes the clock of a zone is ahead of UTC. Errors: RangeError for a zone that the browser does not know. */
export function offsetAt(instant: number, zone: string): number {
  return Math.round((Date.parse(`${wallClock(instant, zone)}Z`) - Math.floor(instant / 1000) * 1000) / 60_000)
}

/** `+05:30` of minutes. */
export function offsetText(minutes: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

/**
 * When the clock of a zone shows a time (`2026-11-22T14:03`): with its offset, `2026-11-22T14:03:00+01:00`.
 * Of a time that it shows twice the first; a time that it leaves out is as long after the change.
 */
export function timeInZone(shown: string, zone: string): string {
  const full = shown.length === 16 ? `${shown}:00` : shown
  const asUtc = Date.parse(`${full}Z`)
  const day = 86_400_000
  const [before, after] = [offsetAt(asUtc - day, zone), offsetAt(asUtc + day, zone)]
  const offset = [before, after].find((each) => offsetAt(asUtc - each * 60_000, zone) === each) ?? before
  return full + offsetText(offset)
}
