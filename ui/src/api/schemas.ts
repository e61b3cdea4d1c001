// What the server finds wrong with values before they are sent for good.
import { api } from './client'
import { readProblem } from './errors'

/** What is wrong with values: with the whole, with a member, with an item of a list. */
export type ValueProblem =
  string | { property: string; errors: ValueProblem[] } | { index: number; errors: ValueProblem[] }

/** Check values by their schema, with variables and templates filled in. Errors: ApiError for a schema that is none. */
export async function validateValues(
  schema: Record<string, unknown>,
  values: Record<string, unknown>,
): Promise<ValueProblem[]> {
  const { data, error, response } = await api.POST('/ui/schemas/validate', { body: { schema, values } })
  if (data === undefined) throw readProblem(response.status, error)
  return data.errors
}
