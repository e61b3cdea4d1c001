// A block's schema as a form: what is secret, what is another block, and what is sent of it.
import { nestedBlocks } from '@/api/blocks'
import type { BlockDocument } from '@/api/types'
import {
  initialValues,
  isSame,
  membersOf,
  type Problems,
  readValues,
  type Schema,
  type SchemaValues,
  shapeOf,
  Unread,
} from '@/features/schema-form/public'

export interface BlockField {
  name: string
  title: string
  isSecret: boolean
  /** Whether another block can stand here. */
  isBlock: boolean
}

/** The fields of a block's schema, in its order. */
export function blockFields(schema: Schema): BlockField[] {
  const secrets = Array.isArray(schema.secret_fields) ? schema.secret_fields : []
  return membersOf(schema).map(({ name, schema: member }) => {
    const { shape } = shapeOf(member, schema)
    const isSecret = secrets.includes(name) || (shape.kind === 'text' && shape.format === 'secret')
    return {
      name,
      title: typeof member.title === 'string' ? member.title : name,
      isSecret,
      isBlock: shape.kind === 'block',
    }
  })
}

/** The schema that the form is of: secrets are typed as such. */
export function formSchema(schema: Schema): Schema {
  const secrets = new Set(blockFields(schema).flatMap(({ name, isSecret }) => (isSecret ? [name] : [])))
  const members = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const properties = members.map(([name, { title, description, position, ...rest }]) => [
    name,
    secrets.has(name)
      ? { title: title ?? name, description, position, type: 'string', format: 'password' }
      : { title: title ?? name, description, position, ...rest },
  ])
  return { ...schema, properties: Object.fromEntries(properties) as Schema }
}

/** What stands in the form at first: defaults, or what is stored, but no secret. */
export function draftOf(schema: Schema, stored: BlockDocument | null): Record<string, unknown> {
  const draft = initialValues(schema, stored?.data ?? {})
  for (const { name, isSecret } of blockFields(schema)) if (isSecret) draft[name] = undefined
  const nested = stored === null ? {} : nestedBlocks(stored)
  for (const [name, { id }] of Object.entries(nested)) draft[name] = { $ref: { block_document_id: id } }
  return draft
}

/** What is to be sent: everything for a new block, else what was changed and the blocks nested in it. */
export function readDraft(
  schema: Schema,
  draft: SchemaValues,
  stored: BlockDocument | null,
): { data: Record<string, unknown>; problems: Problems } {
  const form = formSchema(schema)
  if (stored === null || draft instanceof Unread) {
    const { values, problems } = readValues(form, draft)
    return { data: values, problems }
  }
  const before = draftOf(schema, stored)
  const names = [...new Set([...blockFields(schema).map(({ name }) => name), ...Object.keys(draft)])]
  const blocks = new Set(blockFields(schema).flatMap(({ name, isBlock }) => (isBlock ? [name] : [])))
  const isNested = (name: string) => blocks.has(name) && name in nestedBlocks(stored)
  const sent = names.filter((name) => isNested(name) || !isSame(draft[name], before[name]))
  const { values, problems } = readValues(only(form, sent), pick(draft, sent))
  for (const name of sent) if (!blocks.has(name)) values[name] ??= null
  return { data: values, problems }
}

function only(schema: Schema, names: string[]): Schema {
  const required = Array.isArray(schema.required) ? (schema.required as string[]) : []
  return {
    ...schema,
    properties: pick((schema.properties ?? {}) as Record<string, unknown>, names),
    required: required.filter((name) => names.includes(name)),
  }
}

function pick(values: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]))
}
