// Which look an event has: that of the state it tells of, or a quiet one.
import { KINDS, kindOf, type StateKind } from '@/design/states'

const BAD = /(failed|error|unhealthy|not-ready|offline|missed|violated|declared)$/i
const GOOD = /(executed|ready|healthy|resolved|succeeded|created|online)$/i

/** The look of an event, by its name. */
export function toneOf(name: string): StateKind {
  const change = name.split('.').at(-1) ?? ''
  if (change === 'Late') return 'late'
  const kind = KINDS.find((each) => each === kindOf(change.toUpperCase()) && each === change.toLowerCase())
  if (kind !== undefined) return kind
  if (BAD.test(change)) return 'failed'
  return GOOD.test(change) ? 'completed' : 'pending'
}
