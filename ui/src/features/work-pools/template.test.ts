import { expect, it } from 'vitest'

import { variablesOf, withDefaults } from './template'

const TEMPLATE = {
  job_configuration: { image: '{{ image }}', env: '{{ env }}' },
  variables: {
    type: 'object',
    required: ['image'],
    properties: {
      image: { type: 'string', default: 'python:3.12' },
      env: { type: 'object', title: 'Environment' },
      ttl: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
    },
  },
}

it('needs no default of any variable', () => {
  expect(variablesOf(TEMPLATE)).toMatchObject({ required: [] })
  expect(variablesOf({})).toBeNull()
})

it('takes defaults, drops those that are gone, and leaves the rest as it is', () => {
  expect(withDefaults(TEMPLATE, { env: { A: '1' } })).toEqual({
    job_configuration: TEMPLATE.job_configuration,
    variables: {
      ...TEMPLATE.variables,
      properties: {
        image: { type: 'string' },
        env: { type: 'object', title: 'Environment', default: { A: '1' } },
        ttl: TEMPLATE.variables.properties.ttl,
      },
    },
  })
})
