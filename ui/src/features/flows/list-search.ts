// What the address of the list of flows can say.
import type { FlowSort } from '@/api/types'
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { PAGE_SIZES } from '@/lib/page-size'
import { oneOf } from '@/lib/search'

export const SORTS = ['NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC'] as const satisfies readonly FlowSort[]
export const DEPLOYED = ['yes', 'no'] as const

export interface FlowsSearch extends ListSearch {
  /** Whether they have deployments. */
  deployed?: (typeof DEPLOYED)[number]
  sort?: (typeof SORTS)[number]
}

/** Read an address. */
export function readFlowsSearch(raw: Record<string, unknown>): FlowsSearch {
  return {
    ...readListSearch(raw, PAGE_SIZES),
    deployed: oneOf(raw, 'deployed', DEPLOYED),
    sort: oneOf(raw, 'sort', SORTS),
  }
}

/** A change of the address that takes all filters away. */
export const UNFILTERED: Partial<FlowsSearch> = { name: undefined, tags: undefined, deployed: undefined }
