// A span of time as a number of units.
import { useState } from 'react'

import { Field, Select, TextInput } from './field'
import { Row } from './page'

const UNITS = [
  [1, 'seconds'],
  [60, 'minutes'],
  [3600, 'hours'],
  [86_400, 'days'],
] as const
const OPTIONS = UNITS.map(([size, name]) => [String(size), name] as const)

interface SpanFieldProps {
  label: string
  hint?: string
  seconds: number
  onChange: (seconds: number) => void
}

/** A span of time as a number of units. */
export function SpanField({ label, hint, seconds, onChange }: SpanFieldProps) {
  const [unit, setUnit] = useState(
    () => [...UNITS].reverse().find(([size]) => seconds > 0 && seconds % size === 0)?.[0] ?? 60,
  )
  return (
    <Field label={label} hint={hint}>
      {(props) => (
        <Row>
          <TextInput
            {...props}
            type="number"
            min={0}
            step="any"
            style={{ width: '6rem' }}
            value={seconds / unit}
            onChange={({ target }) =>
              !Number.isNaN(target.valueAsNumber) && onChange(Math.max(0, target.valueAsNumber) * unit)
            }
          />
          <Select
            aria-label={`Unit of ${label}`}
            options={OPTIONS}
            value={String(unit)}
            onChange={({ target }) => {
              const next = UNITS.find(([size]) => String(size) === target.value)?.[0] ?? 60
              setUnit(next)
              onChange((seconds / unit) * next)
            }}
          />
        </Row>
      )}
    </Field>
  )
}
