// Agreements in words.
import type { Sla, SlaDraft } from '@/api/types'
import { OF_DEPLOYMENT, OF_TAG } from '@/api/slas'
import { formatDuration } from '@/lib/time'

export const KINDS = ['time-to-completion', 'lateness', 'frequency'] as const
export type KindName = (typeof KINDS)[number]

export const KIND_LABELS: Record<KindName, string> = {
  'time-to-completion': 'Time to completion',
  lateness: 'Lateness',
  frequency: 'Frequency',
}
export const KIND_HINTS: Record<KindName, string> = {
  'time-to-completion': 'Each run ends within this time of its start.',
  lateness: 'Each run starts within this time of when it is scheduled for.',
  frequency: 'Within this time of each completed run another one completes.',
}
export const KIND_OPTIONS = KINDS.map((kind) => [kind, KIND_LABELS[kind]] as const)

/** `ends within 1h`: what an agreement promises. */
export function termsOf(sla: Sla): string {
  const span = formatDuration(secondsOf(sla))
  if (sla.kind === 'frequency') return `completes every ${span}`
  return sla.kind === 'lateness' ? `starts within ${span}` : `ends within ${span}`
}

/** The one time of an agreement, in seconds. */
export function secondsOf({ duration, stale_after, within }: Sla): number {
  return duration ?? stale_after ?? within ?? 0
}

/** Whose runs an agreement is about. */
export function ownerOf({ owner_resource: owner }: Pick<Sla, 'owner_resource'>): Owner {
  if (owner?.startsWith(OF_TAG)) return { kind: 'tag', key: owner.slice(OF_TAG.length) }
  return { kind: 'deployment', key: (owner ?? '').slice(OF_DEPLOYMENT.length) }
}

export interface Owner {
  kind: 'deployment' | 'tag'
  /** The deployment's id, or the tag. */
  key: string
}

/** The resource of an owner. */
export function resourceOf({ kind, key }: Owner): string {
  return (kind === 'tag' ? OF_TAG : OF_DEPLOYMENT) + key
}

/** An agreement as the server takes it: the member of its time tells the kind. */
export function draftOf(
  about: Pick<SlaDraft, 'name' | 'severity' | 'enabled' | 'owner_resource'>,
  kind: KindName,
  seconds: number,
): SlaDraft {
  if (kind === 'frequency') return { ...about, stale_after: seconds }
  return kind === 'lateness' ? { ...about, within: seconds } : { ...about, duration: Math.round(seconds) }
}
