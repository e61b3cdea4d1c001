// A form of the members of a schema, or the same values as JSON.
import { useState } from 'react'

import { Button } from '@/design/button'
import { CodeEditor } from '@/design/code-editor'
import { Field } from '@/design/field'

import { FormContext } from './context'
import { ObjectMembers } from './group-inputs'
import styles from './schema-form.module.css'
import { isObject, type Schema, shapeOf, wholeOf } from './shapes'
import { ValueField } from './value-field'
import { jsonOf, type Problems, readJson, type SchemaValues, Unread } from './values'

interface SchemaFormProps {
  schema: Schema | null
  values: SchemaValues
  problems: Problems
  onChange: (values: SchemaValues) => void
  /** Whether a value may stand for another: a variable, a template. Forms whose server fills nothing in say no. */
  canRefer?: boolean
  /** What stands in empty inputs, by the names of members. */
  placeholders?: Record<string, string>
  /** What is said where there is nothing to fill in. */
  none?: string
}

/** The inputs, without a form of their own. */
export function SchemaForm({
  schema,
  values,
  problems,
  onChange,
  canRefer = false,
  placeholders = {},
  none,
}: SchemaFormProps) {
  const [isJson, setJson] = useState(false)
  const root = schema ?? {}
  const { shape } = shapeOf(wholeOf(schema), root)
  const hasMembers = shape.kind === 'object'
  if (!hasMembers && !(values instanceof Unread) && Object.keys(values).length === 0 && !isJson && none !== undefined)
    return <p className={styles.quiet}>{none}</p>
  const showsJson = isJson || !hasMembers || values instanceof Unread
  return (
    <FormContext value={{ root, problems, canRefer, placeholders, ValueField }}>
      <div className={styles.form}>
        {showsJson ? (
          <WholeAsJson values={values} problem={problems['']} onChange={onChange} />
        ) : (
          <>
            {problems[''] !== undefined && (
              <p role="alert" className={styles.problem}>
                {problems['']}
              </p>
            )}
            <ObjectMembers shape={shape} value={values} path={[]} onChange={onChange} />
          </>
        )}
        {hasMembers && (
          <Button
            look="quiet"
            className={styles.switch}
            disabled={values instanceof Unread}
            onClick={() => setJson(!showsJson)}
          >
            {showsJson ? 'Edit as a form' : 'Edit as JSON'}
          </Button>
        )}
      </div>
    </FormContext>
  )
}

interface WholeProps {
  values: SchemaValues
  problem: string | undefined
  onChange: (values: SchemaValues) => void
}

function WholeAsJson({ values, problem, onChange }: WholeProps) {
  const [text, setText] = useState(() => (values instanceof Unread ? values.text : jsonOf(values)))
  const change = (next: string) => {
    setText(next)
    const read = next.trim() === '' ? {} : readJson(next)
    if (read instanceof Unread || isObject(read)) onChange(read)
    else onChange(new Unread(next, 'An object is needed: {"name": value}.'))
  }
  return (
    <Field label="All values as JSON" error={values instanceof Unread ? values.problem : problem}>
      {(props) => (
        <CodeEditor
          {...props}
          language="json"
          rows={Math.min(24, Math.max(6, text.split('\n').length + 1))}
          value={text}
          onChange={change}
        />
      )}
    </Field>
  )
}
