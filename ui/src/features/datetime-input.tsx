// A date with its time on the clock of a zone; what is sent holds its distance from UTC.
import { useState } from 'react'

import { Row } from '@/design/page'
import { TextInput } from '@/design/field'
import { timeInZone, VIEWER, wallClock } from '@/lib/zones'

import { ZonePicker } from './zone-picker'

interface DateTimeInputProps {
  /** ISO 8601; undefined where none is given. */
  value: string | undefined
  onChange: (value: string | undefined) => void
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
  /** What is said while there is none. */
  placeholder?: string
}

const ZONED = /(?:Z|[+-]\d\d:?\d\d)$/i
const UTC = /(?:Z|[+-]00:?00)$/i

/** The input. A time that came without a zone stays so until it is given another. */
export function DateTimeInput({ value, onChange, placeholder, ...described }: DateTimeInputProps) {
  const text = value ?? ''
  const [zone, setZone] = useState(() => (UTC.test(text) ? 'UTC' : VIEWER))
  const isZoned = ZONED.test(text)
  const instant = Date.parse(text)
  if (text !== '' && Number.isNaN(instant))
    return <TextInput {...described} value={text} onChange={(event) => onChange(event.target.value || undefined)} />
  const shown = text === '' ? '' : isZoned ? wallClock(instant, zone) : text.slice(0, 19)
  const move = (next: string) => {
    setZone(next)
    if (shown !== '') onChange(timeInZone(shown, next))
  }
  const said = text === '' ? placeholder : isZoned ? undefined : `${text}, without a time zone`
  return (
    <Row>
      <TextInput
        {...described}
        type="datetime-local"
        step={1}
        style={{ width: '14rem', maxWidth: '100%' }}
        value={shown}
        onChange={(event) => onChange(event.target.value === '' ? undefined : timeInZone(event.target.value, zone))}
      />
      <ZonePicker label="Time zone" value={zone} onChange={move} />
      {said !== undefined && <span>{said}</span>}
    </Row>
  )
}
