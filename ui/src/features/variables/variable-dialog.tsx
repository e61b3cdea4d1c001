// Makes a variable or changes one.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import type { Variable } from '@/api/types'
import { saveVariable } from '@/api/variables'
import { Button } from '@/design/button'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { JsonField } from '@/design/json-field'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'
import { jsonText, readJson } from '@/lib/json'
import { readTags } from '@/lib/tags'

import styles from './variables.module.css'

const KINDS = [
  ['text', 'Text'],
  ['json', 'JSON: a number, a list, an object, …'],
] as const
type Kind = (typeof KINDS)[number][0]

/** The dialog; without a variable it makes one. */
export function VariableDialog({ variable, onClose }: { variable: Variable | null; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(variable?.name ?? '')
  const [typed, setTyped] = useState(() => typedOf(variable))
  const [tags, setTags] = useState(variable?.tags.join(', ') ?? '')
  const [problem, setProblem] = useState<string>()
  const save = useMutation({
    mutationFn: (value: unknown) => saveVariable(variable?.id ?? null, { name, value, tags: readTags(tags) }),
    onSuccess: () => {
      notify(`Saved ${name}`)
      onClose()
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['variables'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = typed.kind === 'text' ? { value: typed.text } : readJson(typed.text)
    setProblem(read.problem)
    if (read.problem === undefined) save.mutate(read.value)
  }
  return (
    <Dialog title={variable === null ? 'New variable' : `Change ${variable.name}`} isOpen onOpenChange={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name" hint="Lower-case letters, digits and underscores.">
          {(props) => <TextInput {...props} required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <ValueFields
          typed={typed}
          problem={problem}
          onChange={(next) => {
            setTyped(next)
            setProblem(undefined)
          }}
        />
        <Field label="Tags" hint="With commas between them.">
          {(props) => <TextInput {...props} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        {save.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(save.error)}
          </p>
        )}
        <Button look="primary" type="submit" isBusy={save.isPending}>
          Save
        </Button>
      </form>
    </Dialog>
  )
}

interface Typed {
  kind: Kind
  text: string
}

interface ValueFieldsProps {
  typed: Typed
  problem?: string
  onChange: (typed: Typed) => void
}

function ValueFields({ typed, problem, onChange }: ValueFieldsProps) {
  return (
    <>
      <Field label="Kind of value">
        {(props) => (
          <Select
            {...props}
            options={KINDS}
            value={typed.kind}
            onChange={({ target }) => onChange(turned(typed.text, target.value as Kind /* one of the options */))}
          />
        )}
      </Field>
      {typed.kind === 'json' ? (
        <JsonField
          label="Value"
          error={problem}
          rows={6}
          value={typed.text}
          onChange={(text) => onChange({ kind: 'json', text })}
        />
      ) : (
        <Field label="Value">
          {(props) => (
            <TextArea
              {...props}
              rows={5}
              value={typed.text}
              onChange={({ target }) => onChange({ kind: 'text', text: target.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}

function typedOf(variable: Variable | null): Typed {
  const value: unknown = variable === null ? '' : variable.value
  return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'json', text: jsonText(value) }
}

/** What was typed as the other kind of value, with the same meaning where it has one. */
function turned(text: string, kind: Kind): Typed {
  const read = readJson(text)
  if (kind === 'json') return { kind, text: read.problem === undefined || text === '' ? text : jsonText(text) }
  return { kind, text: typeof read.value === 'string' ? read.value : text }
}
