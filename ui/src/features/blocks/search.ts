// What the addresses of the list of blocks and of the catalogue can say.
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { text } from '@/lib/search'

export interface BlocksSearch extends Omit<ListSearch, 'tags'> {
  /** The slug of a block type. */
  type?: string
  capability?: string
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readBlocksSearch(raw: Record<string, unknown>, sizes: readonly number[]): BlocksSearch {
  const { name, page, limit } = readListSearch(raw, sizes)
  return { name, type: text(raw, 'type'), capability: text(raw, 'capability'), page, limit }
}

export type CatalogueSearch = Pick<BlocksSearch, 'name' | 'capability'>

/** Read an address. */
export function readCatalogueSearch(raw: Record<string, unknown>): CatalogueSearch {
  return { name: text(raw, 'name'), capability: text(raw, 'capability') }
}
