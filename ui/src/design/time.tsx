// Instants and spans on the page: in words, in the zone that was chosen, with the exact instant on hover.
import { useNow } from '@/lib/clock'
import { useStored } from '@/lib/storage'
import { formatDuration, formatInstant, formatRelative, secondsBetween, type Zone } from '@/lib/time'

/** The zone in which times are shown, and how to change it. */
export function useZone(): [Zone, (zone: Zone) => void] {
  return useStored<Zone>('zone', 'local')
}

/** An instant: exact, or by its distance from now (`5m ago`). */
export function Time({ value, look = 'exact' }: { value: string; look?: 'exact' | 'relative' }) {
  const [zone] = useZone()
  const exact = formatInstant(value, zone)
  return (
    <time dateTime={value} title={look === 'relative' ? exact : undefined}>
      {look === 'relative' ? <Distance value={value} /> : exact}
    </time>
  )
}

function Distance({ value }: { value: string }) {
  return formatRelative(value, useNow())
}

/** A span of seconds in words. */
export function Duration({ seconds }: { seconds: number }) {
  return <span title={`${seconds.toFixed(3)} s`}>{formatDuration(seconds)}</span>
}

/** The span since an instant, ticking, until `to` is known. */
export function RunningDuration({ from, to }: { from: string; to: string | null }) {
  return to === null ? <Ticking from={from} /> : <Duration seconds={secondsBetween(from, to, 0)} />
}

function Ticking({ from }: { from: string }) {
  return <span>{formatDuration(Math.max(0, Math.floor(secondsBetween(from, null, useNow()))))}</span>
}
