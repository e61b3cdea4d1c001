// What the addresses of incidents can say.
import { SEVERITIES, type SeverityName } from '@/design/severity'
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { oneOf } from '@/lib/search'

export const STATUSES = ['open', 'resolved'] as const

export interface IncidentsSearch extends ListSearch {
  status?: (typeof STATUSES)[number]
  severity?: SeverityName
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readIncidentsSearch(raw: Record<string, unknown>, sizes: readonly number[]): IncidentsSearch {
  return {
    ...readListSearch(raw, sizes),
    status: oneOf(raw, 'status', STATUSES),
    severity: oneOf(raw, 'severity', SEVERITIES),
  }
}
