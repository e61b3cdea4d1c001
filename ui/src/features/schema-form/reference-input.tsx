// What stands for a value until the run is made: JSON, a template, or a variable of the workspace.
import { useQuery } from '@tanstack/react-query'

import { variablesQuery } from '@/api/variables'
import { CodeEditor } from '@/design/code-editor'
import { Select } from '@/design/field'

import type { Described } from './leaf-inputs'
import styles from './schema-form.module.css'
import { type Reference, writeReference } from './values'

const MOST = 200

interface ReferenceInputProps {
  reference: Reference
  described: Described
  onChange: (value: unknown) => void
}

/** The input. */
export function ReferenceInput({ reference, described, onChange }: ReferenceInputProps) {
  if (reference.kind === 'workspace_variable') return <VariableInput {...{ reference, described, onChange }} />
  const isJson = reference.kind === 'json'
  return (
    <>
      <CodeEditor
        {...described}
        language={isJson ? 'json' : 'text'}
        rows={3}
        placeholder={isJson ? '{"any": "JSON"}' : '{{ variables.name }}'}
        value={reference.text}
        onChange={(text) => onChange(writeReference({ ...reference, text }))}
      />
      <span className={styles.meant}>
        {isJson ? 'JSON, read by the server.' : 'A Jinja template, filled in by the server when the run is made.'}
      </span>
    </>
  )
}

function VariableInput({ reference, described, onChange }: ReferenceInputProps) {
  const variables = useQuery(variablesQuery({ page: 1, limit: MOST }))
  const names = (variables.data?.results ?? []).map(({ name }) => name)
  const known = reference.text === '' || names.includes(reference.text) ? names : [reference.text, ...names]
  return (
    <>
      <Select
        {...described}
        options={[
          ['', variables.isPending ? 'Loading' : 'Choose a variable'] as const,
          ...known.map((name) => [name, name] as const),
        ]}
        value={reference.text}
        onChange={(event) => onChange(writeReference({ ...reference, text: event.target.value }))}
      />
      <span className={styles.meant}>The variable’s value when the run is made.</span>
    </>
  )
}
