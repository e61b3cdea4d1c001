import { describe, expect, it } from 'vitest'

import { shapeOf } from './shapes'
import { initialValues, problemsOf, readValues, Unread } from './values'

const SCHEMA = {
  required: ['customer', 'lines'],
  properties: {
    when: { type: 'string', format: 'date-time', position: 5 },
    customer: { type: 'string', title: 'Customer', position: 0 },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null, position: 1 },
    color: { allOf: [{ $ref: '#/definitions/Color' }], default: 'red', position: 3 },
    lines: { type: 'array', items: { $ref: '#/definitions/Line' }, position: 4 },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], position: 6 },
    secret: { $ref: '#/definitions/Secret', position: 7 },
    way: { anyOf: [{ type: 'string' }, { $ref: '#/definitions/Line' }], position: 8 },
    wait: { type: 'number', format: 'time-delta', position: 9 },
  },
  definitions: {
    Color: { enum: ['red', 'blue'] },
    Line: {
      type: 'object',
      required: ['kind', 'price'],
      properties: { kind: { const: 'line' }, price: { type: 'number' } },
    },
    Secret: { block_type_slug: 'secret', type: 'object' },
  },
}

it('knows what each member may be', () => {
  const kind = (name: keyof typeof SCHEMA.properties) => shapeOf(SCHEMA.properties[name], SCHEMA)
  expect(kind('limit')).toEqual({ shape: { kind: 'number', isInteger: true, isSpan: false }, isNullable: true })
  expect(kind('color').shape).toEqual({ kind: 'choice', choices: ['red', 'blue'] })
  expect(kind('lines').shape.kind).toBe('list')
  expect(kind('pair').shape.kind).toBe('tuple')
  expect(kind('secret').shape).toEqual({ kind: 'block', slugs: ['secret'] })
  expect(kind('way').shape.kind).toBe('union')
  expect(kind('wait').shape).toMatchObject({ kind: 'number', isSpan: true })
})

it('starts with defaults, and keeps what was given, also what the schema does not name', () => {
  expect(initialValues(SCHEMA, { customer: 'acme', other: 1 })).toEqual({
    customer: 'acme',
    other: 1,
    limit: null,
    color: 'red',
  })
})

describe('readValues', () => {
  it('leaves out what is not given, fills in what is fixed, and keeps references', () => {
    const variable = { __prefect_kind: 'workspace_variable', variable_name: 'region' }
    const values = { customer: variable, lines: [{ price: 2 }], when: undefined, limit: null }
    expect(readValues(SCHEMA, values)).toEqual({
      values: { customer: variable, lines: [{ kind: 'line', price: 2 }], limit: null },
      problems: {},
    })
  })

  it('says by the way there what is missing or cannot be read', () => {
    const values = { lines: [{ kind: 'line', price: new Unread('a', 'This is not a number.') }, { kind: 'line' }] }
    expect(readValues(SCHEMA, values).problems).toEqual({
      customer: 'A value is needed.',
      'lines/0/price': 'This is not a number.',
      'lines/1/price': 'A value is needed.',
    })
  })
})

it('finds the places of what the server says', () => {
  const errors = [{ property: 'lines', errors: [{ index: 1, errors: [{ property: 'price', errors: ['too low'] }] }] }]
  expect(problemsOf(errors)).toEqual({ 'lines/1/price': 'too low' })
})
