// How bad something is, in a word.
import { Badge } from './badge'

export const SEVERITIES = ['critical', 'high', 'moderate', 'low', 'minor'] as const
export type SeverityName = (typeof SEVERITIES)[number]

const TONES = { critical: 'bad', high: 'bad', moderate: 'warn', low: 'plain', minor: 'plain' } as const
/** For a choice. */
export const SEVERITY_OPTIONS = SEVERITIES.map((each) => [each, each.charAt(0).toUpperCase() + each.slice(1)] as const)

/** The word, on a ground that goes with it. */
export function SeverityBadge({ severity }: { severity: SeverityName }) {
  return <Badge tone={TONES[severity]}>{severity}</Badge>
}
