// Variables: named values that flows read at run time.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

export interface VariablesAsked {
  name?: string
  /** All of them. */
  tags?: string[]
  page: number
  limit: number
}

/** A page of variables by name, with how many there are. */
export function variablesQuery({ name, tags, page, limit }: VariablesAsked) {
  const variables = {
    ...(name !== undefined && { name: { like_: name } }),
    ...(tags !== undefined && { tags: { all_: tags } }),
  }
  return queryOptions({
    queryKey: keyOf('variables', 'page', variables, page, limit),
    queryFn: async ({ signal }) => {
      const [results, count] = await Promise.all([
        answerOf(
          api.POST('/variables/filter', {
            body: { variables, sort: 'NAME_ASC', limit, offset: (page - 1) * limit },
            signal,
          }),
        ),
        answerOf(api.POST('/variables/count', { body: { variables }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** Make a variable, or give one another value. */
export function saveVariable(id: string | null, variable: { name: string; value: unknown; tags: string[] }) {
  if (id === null) return answerOf(api.POST('/variables/', { body: variable }))
  return answerOf(api.PATCH('/variables/{id}', { params: { path: { id } }, body: variable }))
}

/** Delete a variable. */
export function deleteVariable(id: string) {
  return answerOf(api.DELETE('/variables/{id}', { params: { path: { id } } }))
}
