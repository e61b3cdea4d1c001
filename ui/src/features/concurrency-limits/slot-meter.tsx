// How many slots of a limit are taken; those of a rate limit are seen to come back.
import type { ConcurrencyLimit, SlotLedger } from '@/api/types'
import { Meter } from '@/design/meter'
import { useNow } from '@/lib/clock'
import { formatDuration } from '@/lib/time'

/** The slots as they were when they were asked for. */
export function SlotMeter({ limit }: { limit: ConcurrencyLimit }) {
  return <Slots name={limit.name} taken={limit.active_slots} limit={limit.limit} />
}

/** The slots of a limit that decays, as they are now. */
export function DrainingMeter({ ledger }: { ledger: SlotLedger }) {
  const { limit, unleased_slots: unleased, as_of: asOf, leased_slots: leased } = ledger
  const { draining, seconds } = drained(unleased, limit.slot_decay_per_second, asOf, useNow())
  return (
    <>
      <Slots name={limit.name} taken={Math.ceil(draining) + leased} limit={limit.limit} />
      {draining > 0 ? `All are back in ${formatDuration(Math.ceil(seconds))}` : 'All are there'}
    </>
  )
}

/** How many slots have not come back yet, and in how many seconds they have; `now` in milliseconds. */
export function drained(unleased: number, decay: number, asOf: string, now: number) {
  const draining = Math.max(0, unleased - (decay * Math.max(0, now - Date.parse(asOf))) / 1000)
  return { draining, seconds: draining / decay }
}

function Slots({ name, taken, limit }: { name: string; taken: number; limit: number }) {
  return (
    <Meter
      label={`Slots of ${name}`}
      value={taken}
      max={limit}
      text={`${taken} of ${limit}`}
      tone={taken >= limit ? 'full' : 'plain'}
    />
  )
}

/** `2 a second`, or that slots must be given back. */
export function decayWords({ slot_decay_per_second: decay }: ConcurrencyLimit): string {
  return decay > 0 ? `${decay.toLocaleString('en')} a second` : 'when they are given back'
}
