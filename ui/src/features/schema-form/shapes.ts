// JSON schemas as shapes: what a value may be, without references, and with what is combined put together.

export type Schema = Record<string, unknown>

export interface Member {
  name: string
  schema: Schema
  isRequired: boolean
}

export type TextFormat = 'plain' | 'secret' | 'date' | 'datetime' | 'time' | 'duration'

export type Shape =
  | { kind: 'text'; format: TextFormat }
  | { kind: 'number'; isInteger: boolean; isSpan: boolean }
  | { kind: 'boolean' | 'null' }
  | { kind: 'const'; value: unknown }
  | { kind: 'choice'; choices: readonly unknown[] }
  | { kind: 'list'; item: Schema }
  | { kind: 'tuple'; items: readonly Schema[]; rest: Schema | null }
  | { kind: 'object'; members: readonly Member[]; other: Schema | null }
  | { kind: 'union'; options: readonly Schema[] }
  | { kind: 'block'; slugs: readonly string[] }
  /** Anything, or anything of one type: JSON. */
  | { kind: 'any'; type: 'object' | 'array' | null }

export interface Known {
  shape: Shape
  /** Whether null is a value besides. */
  isNullable: boolean
}

const DEEPEST = 20

/** What a schema's values may be. `root` holds what it refers to. */
export function shapeOf(schema: Schema, root: Schema): Known {
  const plain = merged(schema, root)
  if (Array.isArray(plain.type)) {
    const options = (plain.type as unknown[]).map((type) => ({ ...plain, type }))
    return unionOf(options, root)
  }
  const options = list(plain.anyOf) ?? list(plain.oneOf)
  const slugs = slugsOf(plain)
  if (slugs.length > 0) return { shape: { kind: 'block', slugs }, isNullable: options?.some(isNull) === true }
  if (options !== null) return unionOf(options, root)
  return { shape: plainShape(plain), isNullable: false }
}

/** A schema as that of a form's values: an object, whatever a block's schema says of its type besides. */
export function wholeOf(schema: Schema | null): Schema {
  return { type: 'object', ...schema, block_type_slug: undefined }
}

/** The members of an object's schema, in the order of the function that it is of. */
export function membersOf(schema: Schema): Member[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  const blocks = record(schema.block_schema_references)
  return Object.entries(record(schema.properties) as Record<string, Schema>)
    .sort(([, one], [, other]) => Number(one.position ?? 0) - Number(other.position ?? 0))
    .map(([name, member]) => ({
      name,
      schema: name in blocks && member.type !== 'array' ? { ...member, block_references: blocks[name] } : member,
      isRequired: required.includes(name),
    }))
}

/** A schema without references and with the parts of `allOf` put together. */
export function merged(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > DEEPEST) return {}
  let plain = schema
  const { $ref: reference, ...rest } = schema
  if (typeof reference === 'string') {
    plain = { ...merged(referred(root, reference), root, depth + 1), ...rest }
  }
  const parts = list(plain.allOf)
  if (parts === null) return plain
  const own = { ...plain, allOf: undefined }
  return [...parts.map((part) => merged(part, root, depth + 1)), own].reduce(together, {})
}

function together(one: Schema, other: Schema): Schema {
  const properties = { ...record(one.properties), ...record(other.properties) }
  const required = [...((one.required ?? []) as unknown[]), ...((other.required ?? []) as unknown[])]
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  }
}

function unionOf(options: readonly Schema[], root: Schema): Known {
  const others = options.filter((option) => !isNull(option))
  const isNullable = others.length < options.length
  if (others.length === 0) return { shape: { kind: 'null' }, isNullable: false }
  const [only] = others
  if (others.length === 1 && only !== undefined) {
    const known = shapeOf(only, root)
    return { shape: known.shape, isNullable: isNullable || known.isNullable }
  }
  return { shape: { kind: 'union', options: others }, isNullable }
}

function plainShape(plain: Schema): Shape {
  if ('const' in plain) return { kind: 'const', value: plain.const }
  if (Array.isArray(plain.enum)) return { kind: 'choice', choices: plain.enum }
  if (plain.format === 'password') return { kind: 'text', format: 'secret' }
  switch (plain.type ?? (plain.properties !== undefined ? 'object' : undefined)) {
    case 'string':
      return { kind: 'text', format: formatOf(plain.format) }
    case 'integer':
      return { kind: 'number', isInteger: true, isSpan: false }
    case 'number':
      return { kind: 'number', isInteger: false, isSpan: plain.format === 'time-delta' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'null':
      return { kind: 'null' }
    case 'array':
      return arrayShape(plain)
    case 'object':
      return objectShape(plain)
    default:
      return { kind: 'any', type: null }
  }
}

function arrayShape(plain: Schema): Shape {
  const items = list(plain.prefixItems) ?? (Array.isArray(plain.items) ? list(plain.items) : null)
  const rest = isObject(plain.items) ? plain.items : null
  if (items !== null) return { kind: 'tuple', items, rest }
  return rest === null || Object.keys(rest).length === 0 ? { kind: 'any', type: 'array' } : { kind: 'list', item: rest }
}

function objectShape(plain: Schema): Shape {
  const members = membersOf(plain)
  const other = isObject(plain.additionalProperties) ? plain.additionalProperties : null
  return members.length === 0 && other === null ? { kind: 'any', type: 'object' } : { kind: 'object', members, other }
}

function formatOf(format: unknown): TextFormat {
  if (format === 'date-time') return 'datetime'
  return format === 'date' || format === 'time' || format === 'duration' ? format : 'plain'
}

/** The slugs of the types of blocks that can stand here; none for plain values. */
function slugsOf(plain: Schema): string[] {
  const said = [plain.block_references ?? plain].flat() as unknown[]
  return said.flatMap((each) => {
    const slug = record(each).block_type_slug
    return typeof slug === 'string' ? [slug] : []
  })
}

function referred(root: Schema, reference: string): Schema {
  const [start, ...path] = reference.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (start !== '#') return {}
  return record(path.reduce<unknown>((found, part) => record(found)[decodeURIComponent(part)], root))
}

function isNull(schema: Schema): boolean {
  return schema.type === 'null'
}

function list(value: unknown): Schema[] | null {
  return Array.isArray(value) && value.length > 0 ? value.map(record) : null
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function record(value: unknown): Schema {
  return isObject(value) ? value : {}
}
