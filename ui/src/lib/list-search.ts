// What the address of a plain list can say: a name, tags, and which page.
import { keptPageSize, saidPageSize } from './page-size'
import { positive, text, texts } from './search'

export interface ListSearch {
  name?: string
  tags?: string[]
  page?: number
  limit?: number
}

/** Read an address; `sizes` are the lengths that a page may have. */
export function readListSearch(raw: Record<string, unknown>, sizes: readonly number[]): ListSearch {
  return {
    name: text(raw, 'name'),
    tags: texts(raw, 'tags'),
    page: positive(raw, 'page'),
    limit: saidPageSize(raw, sizes) ?? keptPageSize(sizes),
  }
}
