// What stands in a form: values as they are sent, and in their places what cannot be read yet.
import type { ValueProblem } from '@/api/schemas'

import { isObject, type Known, merged, type Schema, type Shape, shapeOf, wholeOf } from './shapes'

/** What was typed and is no value yet. */
export class Unread {
  constructor(
    readonly text: string,
    readonly problem: string,
  ) {}
}

/** The values of the members by name; undefined is left out. Unread where all of it was typed as JSON and is none. */
export type SchemaValues = Record<string, unknown> | Unread
/** What is wrong, by the way there: `customer`, `lines/0/price`; by '' what is wrong with the whole. */
export type Problems = Record<string, string>
export type Path = readonly (string | number)[]

export const NEEDED = 'A value is needed.'
const KIND = '__prefect_kind'

/** Objects that stand for values that the server fills in when it is asked for a run. */
export type Reference =
  { kind: 'json'; text: string } | { kind: 'jinja'; text: string } | { kind: 'workspace_variable'; text: string }

const MEMBERS: Record<Reference['kind'], string> = {
  json: 'value',
  jinja: 'template',
  workspace_variable: 'variable_name',
}

/** Read what stands for a value; null where it is a value itself. */
export function readReference(value: unknown): Reference | null {
  if (!isObject(value)) return null
  const kind = value[KIND]
  if (kind !== 'json' && kind !== 'jinja' && kind !== 'workspace_variable') return null
  const text = value[MEMBERS[kind]] ?? ''
  return { kind, text: typeof text === 'string' ? text : JSON.stringify(text) }
}

/** Write what stands for a value. */
export function writeReference({ kind, text }: Reference): unknown {
  return { [KIND]: kind, [MEMBERS[kind]]: text }
}

/** The id of the block that a value names; null where it names none. */
export function readBlock(value: unknown): string | null {
  if (!isObject(value) || !('$ref' in value)) return null
  const reference = value.$ref
  if (typeof reference === 'string') return reference
  const id = isObject(reference) ? reference.block_document_id : null
  return typeof id === 'string' ? id : null
}

/** Values to begin with: those given, and the schema's defaults for the others. */
export function initialValues(schema: Schema | null, given: Record<string, unknown>): Record<string, unknown> {
  const root = schema ?? {}
  const { shape } = shapeOf(wholeOf(schema), root)
  const members = shape.kind === 'object' ? shape.members : []
  const defaults = members
    .filter(({ name, schema: member }) => !(name in given) && merged(member, root).default !== undefined)
    .map(({ name, schema: member }): [string, unknown] => [name, merged(member, root).default])
  return { ...Object.fromEntries(defaults), ...given }
}

/** What a value is at first, where somebody says that there is to be one. */
export function beginning(schema: Schema, root: Schema): unknown {
  const plain = merged(schema, root)
  if (plain.default !== undefined && plain.default !== null) return plain.default
  const { shape } = shapeOf(schema, root)
  switch (shape.kind) {
    case 'const':
      return shape.value
    case 'null':
      return null
    case 'list':
      return []
    case 'tuple':
      return shape.items.map((item) => beginning(item, root))
    case 'object': {
      const fixed = shape.members.map((each) => [each.name, shapeOf(each.schema, root).shape] as const)
      return Object.fromEntries(fixed.flatMap(([name, each]) => (each.kind === 'const' ? [[name, each.value]] : [])))
    }
    default:
      return undefined
  }
}

/** Whether a value is of the shape; what it holds is not looked at, but what tells objects apart is. */
export function fits(value: unknown, shape: Shape, root: Schema): boolean {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string'
    case 'number':
    case 'boolean':
      return typeof value === shape.kind
    case 'null':
      return value === null
    case 'const':
      return isSame(value, shape.value)
    case 'choice':
      return shape.choices.some((choice) => isSame(choice, value))
    case 'list':
    case 'tuple':
      return Array.isArray(value)
    case 'object':
      return (
        isObject(value) &&
        !(value instanceof Unread) &&
        shape.members.every((each) => tells(value[each.name], shapeOf(each.schema, root), root))
      )
    case 'union':
      return shape.options.some((option) => fitsSchema(value, option, root))
    case 'block':
      return readBlock(value) !== null
    case 'any':
      return shape.type === null || (shape.type === 'array' ? Array.isArray(value) : isObject(value))
  }
}

function fitsSchema(value: unknown, schema: Schema, root: Schema): boolean {
  const { shape, isNullable } = shapeOf(schema, root)
  return (isNullable && value === null) || fits(value, shape, root)
}

/** The option of a union that a value is of; -1 where it is of none. */
export function optionOf(value: unknown, options: readonly Schema[], root: Schema): number {
  return options.findIndex((option) => fitsSchema(value, option, root))
}

function tells(value: unknown, { shape }: Known, root: Schema): boolean {
  return value === undefined || (shape.kind !== 'const' && shape.kind !== 'choice') || fits(value, shape, root)
}

/** Whether two values are the same as JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** The values to send, and what cannot be sent. */
export function readValues(
  schema: Schema | null,
  values: SchemaValues,
): { values: Record<string, unknown>; problems: Problems } {
  const problems: Problems = {}
  if (values instanceof Unread) return { values: {}, problems: { '': values.problem } }
  const root = schema ?? {}
  const read = readValue(values, wholeOf(schema), { root, problems }, [])
  return { values: isObject(read) ? read : {}, problems }
}

interface Reading {
  root: Schema
  problems: Problems
}

function readValue(value: unknown, schema: Schema, reading: Reading, path: Path): unknown {
  if (value instanceof Unread) {
    reading.problems[pathKey(path)] = value.problem
    return undefined
  }
  const shape = shapeOfValue(value, schema, reading.root)
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      if (item === undefined) reading.problems[pathKey([...path, index])] = NEEDED
      return readValue(item, itemSchema(shape, index), reading, [...path, index])
    })
  }
  if (!isObject(value) || readReference(value) !== null) return value
  return readObject(value, shape, reading, path)
}

function readObject(value: Record<string, unknown>, shape: Shape, reading: Reading, path: Path): unknown {
  const members = shape.kind === 'object' ? shape.members : []
  const read: Record<string, unknown> = {}
  for (const { name, schema, isRequired } of members) {
    if (!isRequired || value[name] !== undefined) continue
    const known = shapeOf(schema, reading.root).shape
    if (known.kind === 'const') read[name] = known.value
    else reading.problems[pathKey([...path, name])] = NEEDED
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const other = shape.kind === 'object' ? shape.other : null
    const schema = members.find((each) => each.name === name)?.schema ?? other ?? {}
    read[name] = readValue(member, schema, reading, [...path, name])
  }
  return read
}

function shapeOfValue(value: unknown, schema: Schema, root: Schema): Shape {
  const { shape } = shapeOf(schema, root)
  if (shape.kind !== 'union') return shape
  const option = shape.options[optionOf(value, shape.options, root)]
  return option === undefined ? { kind: 'any', type: null } : shapeOfValue(value, option, root)
}

/** The schema of an item of a list. */
export function itemSchema(shape: Shape, index: number): Schema {
  if (shape.kind === 'list') return shape.item
  return shape.kind === 'tuple' ? (shape.items[index] ?? shape.rest ?? {}) : {}
}

/** A way as the key of what is wrong there. */
export function pathKey(path: Path): string {
  return path.join('/')
}

/** What the server has found wrong, by the way there. */
export function problemsOf(errors: readonly ValueProblem[], path: Path = []): Problems {
  const found: Problems = {}
  for (const error of errors) {
    if (typeof error === 'string') found[pathKey(path)] ??= error
    else Object.assign(found, problemsOf(error.errors, [...path, 'property' in error ? error.property : error.index]))
  }
  return found
}

/** What is wrong at a place; with what is inside it, where that is not shown by itself. */
export function problemAt(problems: Problems, path: Path, isWhole: boolean): string | undefined {
  const key = pathKey(path)
  if (problems[key] !== undefined || !isWhole) return problems[key]
  const inside = Object.entries(problems).find(([each]) => each.startsWith(`${key}/`))
  return inside && `${inside[0].slice(key.length + 1)}: ${inside[1]}`
}

/** JSON to read and change. What cannot be read yet stands in it as text. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Unread ? each.text : each), 2) ?? ''
}

/** Read JSON; Unread where it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    return new Unread(text, `This is not JSON: ${(error as Error).message}`)
  }
}
