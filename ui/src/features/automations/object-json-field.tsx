// A JSON object within an action, such as the parameters of the run that it starts.
import { useState } from 'react'

import { JsonField } from '@/design/json-field'
import { jsonText, readJsonObject } from '@/lib/json'

type Members = Record<string, unknown>

interface ObjectJsonFieldProps {
  label: string
  hint: string
  value: Members | null
  onChange: (value: Members | null) => void
}

/** The field; what is no object yet is kept here and not passed on. */
export function ObjectJsonField({ label, hint, value, onChange }: ObjectJsonFieldProps) {
  const [text, setText] = useState(value === null ? '' : jsonText(value))
  const type = (typed: string) => {
    setText(typed)
    const read = readJsonObject(typed)
    if (typed.trim() === '') onChange(null)
    else if (read.problem === undefined) onChange(read.value)
  }
  const error = text.trim() === '' ? undefined : readJsonObject(text).problem
  return <JsonField label={label} hint={hint} error={error} rows={3} value={text} onChange={type} />
}
