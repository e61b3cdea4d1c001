// A field for JSON: what is wrong with it is said below once the person has left it.
import { type ReactNode, useState } from 'react'

import { readJson } from '@/lib/json'

import { CodeEditor } from './code-editor'
import { Field } from './field'

interface JsonFieldProps {
  label: string
  hint?: ReactNode
  /** What is wrong besides the syntax; it comes first. */
  error?: string
  value: string
  onChange: (text: string) => void
  rows?: number
}

/** The field; an empty one is not wrong by itself. */
export function JsonField({ label, hint, error, value, onChange, rows }: JsonFieldProps) {
  const [isLeft, setLeft] = useState(false)
  const problem = isLeft && value.trim() !== '' ? readJson(value).problem : undefined
  return (
    <Field label={label} hint={hint} error={error ?? problem}>
      {(props) => (
        <CodeEditor
          {...props}
          language="json"
          rows={rows}
          value={value}
          onChange={onChange}
          onBlur={() => setLeft(true)}
        />
      )}
    </Field>
  )
}
