// States by their look: each kind has a colour and a glyph of its own, so that none is told by colour alone.
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleX,
  Clock3,
  ClockAlert,
  type LucideIcon,
  Zap,
} from 'lucide-react'

import { classNames } from '@/lib/class-names'

import styles from './states.module.css'

export const KINDS = [
  'completed',
  'running',
  'failed',
  'crashed',
  'cancelled',
  'scheduled',
  'late',
  'pending',
  'paused',
] as const
export type StateKind = (typeof KINDS)[number]

const GLYPHS: Record<StateKind, LucideIcon> = {
  completed: CircleCheck,
  running: CirclePlay,
  failed: CircleX,
  crashed: Zap,
  cancelled: Ban,
  scheduled: Clock3,
  late: ClockAlert,
  pending: CircleDashed,
  paused: CirclePause,
}

/** The look of a state: late runs are SCHEDULED to the server, and no good news to people. */
export function kindOf(type: string | null | undefined, name?: string | null): StateKind {
  if (name === 'Late') return 'late'
  const kind = type === 'CANCELLING' ? 'cancelled' : type?.toLowerCase()
  return KINDS.find((each) => each === kind) ?? 'pending'
}

/** The glyph of a state, in its colour. */
export function StateGlyph({ kind, size = 15 }: { kind: StateKind; size?: number }) {
  const Glyph = GLYPHS[kind]
  return <Glyph size={size} aria-hidden className={styles.glyph} data-kind={kind} />
}

/** A state's name on its colour. */
export function StateBadge({ type, name }: { type: string | null | undefined; name?: string | null }) {
  const kind = kindOf(type, name)
  const label = name ?? (type ? type.charAt(0) + type.slice(1).toLowerCase() : 'No state')
  return (
    <span className={classNames(styles.badge)} data-kind={kind}>
      <StateGlyph kind={kind} size={13} />
      {label}
    </span>
  )
}
