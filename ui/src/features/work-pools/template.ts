// Base job templates: a job's configuration, and the variables that it leaves open, with their defaults.
import { isSame } from '@/lib/json'

export type Template = Record<string, unknown>
type Schema = Record<string, unknown>

/** The schema of a template's variables, none of which must have a default; null where it has none. */
export function variablesOf(template: Template): Schema | null {
  const { variables } = template
  if (typeof variables !== 'object' || variables === null) return null
  return { ...variables, required: [] }
}

/** The template with these defaults and no others; what stays the same is not touched. */
export function withDefaults(template: Template, values: Record<string, unknown>): Template {
  const members = Object.entries(membersOf(template)).map(([name, member]) => {
    const value = values[name] ?? null
    if (isSame(value, member.default ?? null)) return [name, member]
    const bare = Object.fromEntries(Object.entries(member).filter(([word]) => word !== 'default'))
    return [name, value === null ? bare : { ...bare, default: value }]
  })
  const variables = template.variables as Schema // as `membersOf` has found
  return { ...template, variables: { ...variables, properties: Object.fromEntries(members) as Schema } }
}

function membersOf(template: Template): Record<string, Schema> {
  return (variablesOf(template)?.properties ?? {}) as Record<string, Schema>
}
