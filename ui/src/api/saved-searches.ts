// Filters that people have kept under a name. The server does not look into them: each criterion is one member of the
// address of the runs page.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

/** Of what the criteria are, so that those that other programs have stored are left alone. */
const OBJECT = 'ostinato.runs'
const MOST = 200

export interface SavedFilter {
  id: string
  name: string
  /** What the address says. */
  search: Record<string, unknown>
}

/** The filters that were saved on the runs page, by name. */
export function savedFiltersQuery() {
  return queryOptions({
    queryKey: keyOf('saved-searches', 'all'),
    queryFn: async ({ signal }): Promise<SavedFilter[]> => {
      const found = await answerOf(api.POST('/saved_searches/filter', { body: { limit: MOST }, signal }))
      return found
        .filter(({ filters }) => filters.length > 0 && filters.every(({ object }) => object === OBJECT))
        .map(({ id, name, filters }) => ({
          id,
          name,
          search: Object.fromEntries(filters.map(({ property, value }) => [property, value])),
        }))
    },
  })
}

/** Keep filters under a name, in place of those that were there. */
export function saveFilter(name: string, search: object) {
  const filters = Object.entries(search)
    .filter(([, value]) => value !== undefined)
    .map(([property, value]) => ({ object: OBJECT, property, type: 'search', operation: 'is', value: value as never }))
  return answerOf(api.PUT('/saved_searches/', { body: { name, filters } }))
}

/** Forget a saved filter. */
export function deleteSavedFilter(id: string) {
  return answerOf(api.DELETE('/saved_searches/{id}', { params: { path: { id } } }))
}
