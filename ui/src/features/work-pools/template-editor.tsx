// Changes a base job template: the defaults of its variables by a form, or all of it as JSON.
import { useState } from 'react'

import { EmptyState } from '@/design/empty-state'
import { JsonField } from '@/design/json-field'
import { Panel } from '@/design/page'
import { Tabs } from '@/design/tabs'
import { initialValues, readValues, SchemaForm, type SchemaValues } from '@/features/schema-form/public'
import { jsonText, readJsonObject } from '@/lib/json'

import { type Template, variablesOf, withDefaults } from './template'
import styles from './work-pools.module.css'

interface TemplateEditorProps {
  template: Template
  onChange: (template: Template) => void
  /** What keeps the template from being saved as it is typed; null where nothing does. */
  problem: string | null
  onProblem: (problem: string | null) => void
}

/** The editor; what cannot be read yet is not passed on. */
export function TemplateEditor({ template, onChange, problem, onProblem }: TemplateEditorProps) {
  const [way, setWay] = useState<'form' | 'json'>(variablesOf(template) === null ? 'json' : 'form')
  const given = { template, onChange, problem, onProblem }
  return (
    <Tabs
      label="How to change the base job template"
      value={way}
      onChange={(next) => problem === null && setWay(next)}
      tabs={[
        { value: 'form', label: 'Defaults', content: () => <DefaultsForm {...given} /> },
        { value: 'json', label: 'Template as JSON', content: () => <WholeTemplate {...given} /> },
      ]}
    />
  )
}

function DefaultsForm({ template, onChange, onProblem }: TemplateEditorProps) {
  const schema = variablesOf(template)
  const [values, setValues] = useState<SchemaValues>(() => initialValues(schema, {}))
  if (schema === null)
    return (
      <Panel>
        <EmptyState title="The template has no variables">
          They stand in its JSON, under `variables`, as a JSON Schema.
        </EmptyState>
      </Panel>
    )
  const { problems } = readValues(schema, values)
  return (
    <Panel>
      <div className={styles.form}>
        <p className={styles.quiet}>
          What runs of this pool get where their deployment says nothing else. Empty: the worker decides.
        </p>
        <SchemaForm
          schema={schema}
          values={values}
          problems={problems}
          onChange={(next) => {
            setValues(next)
            const read = readValues(schema, next)
            const wrong = Object.keys(read.problems)
            onProblem(wrong.length === 0 ? null : `Not readable yet: ${wrong.join(', ')}.`)
            if (wrong.length === 0) onChange(withDefaults(template, read.values))
          }}
        />
      </div>
    </Panel>
  )
}

function WholeTemplate({ template, onChange, problem, onProblem }: TemplateEditorProps) {
  const [text, setText] = useState(() => jsonText(template))
  return (
    <Panel>
      <JsonField
        label="Base job template"
        hint="`job_configuration` is what a run becomes; its texts hold {{ names }} of what `variables` describes by a JSON Schema."
        error={problem ?? undefined}
        rows={16}
        value={text}
        onChange={(typed) => {
          setText(typed)
          const read = readJsonObject(typed)
          onProblem(read.problem ?? null)
          if (read.problem === undefined) onChange(read.value)
        }}
      />
    </Panel>
  )
}
