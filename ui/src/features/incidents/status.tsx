// Whether an incident goes on.
import type { Incident } from '@/api/types'
import { Badge } from '@/design/badge'

/** The status in a word. */
export function StatusBadge({ status }: Pick<Incident, 'status'>) {
  return <Badge tone={status === 'open' ? 'warn' : 'good'}>{status}</Badge>
}
