// What the addresses of the list of artifacts and of one artifact can say.
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { oneOf, positive } from '@/lib/search'

export const ARTIFACT_TYPES = ['markdown', 'table', 'progress', 'image'] as const

export interface ArtifactsSearch extends Omit<ListSearch, 'tags'> {
  type?: (typeof ARTIFACT_TYPES)[number]
  /** How they are shown: as a list, where nothing is said. */
  view?: 'grid'
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readArtifactsSearch(raw: Record<string, unknown>, sizes: readonly number[]): ArtifactsSearch {
  const { name, page, limit } = readListSearch(raw, sizes)
  return { name, type: oneOf(raw, 'type', ARTIFACT_TYPES), page, limit, view: oneOf(raw, 'view', ['grid']) }
}

const TABS = ['content', 'raw', 'details'] as const
export type ArtifactTab = (typeof TABS)[number]

export interface ArtifactSearch {
  tab?: ArtifactTab
  /** Which page of the versions of its key. */
  page?: number
}

/** Read the address of one artifact. */
export function readArtifactSearch(raw: Record<string, unknown>): ArtifactSearch {
  return { tab: oneOf(raw, 'tab', TABS), page: positive(raw, 'page') }
}
