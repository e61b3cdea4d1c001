// What the address of the list of agreements can say.
import { SEVERITIES, type SeverityName } from '@/design/severity'
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { oneOf, text } from '@/lib/search'

import { KINDS, type KindName } from './words'

export interface SlasSearch extends Omit<ListSearch, 'tags'> {
  kind?: KindName
  severity?: SeverityName
  violated?: 'yes' | 'no'
  /** A resource, as `prefect.tag.<tag>`. */
  owner?: string
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readSlasSearch(raw: Record<string, unknown>, sizes: readonly number[]): SlasSearch {
  const { name, page, limit } = readListSearch(raw, sizes)
  return {
    name,
    page,
    limit,
    kind: oneOf(raw, 'kind', KINDS),
    severity: oneOf(raw, 'severity', SEVERITIES),
    violated: oneOf(raw, 'violated', ['yes', 'no'] as const),
    owner: text(raw, 'owner'),
  }
}
