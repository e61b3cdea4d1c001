// The form of a block, new or stored: inputs from its type's schema, and blocks chosen where blocks are nested.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'

import { changeBlock, createBlock } from '@/api/blocks'
import { messageOf } from '@/api/errors'
import type { BlockDocument, BlockSchema, BlockType } from '@/api/types'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { LinkButton } from '@/design/link-button'
import { Row } from '@/design/page'
import { notify } from '@/design/toast'
import { type Schema, SchemaForm, type SchemaValues } from '@/features/schema-form/public'

import styles from './blocks.module.css'
import { blockFields, draftOf, formSchema, readDraft } from './fields'

const NAME = /^[a-z0-9-]+$/

interface BlockFormProps {
  type: BlockType
  schema: BlockSchema
  /** The block to change; null makes a new one. */
  stored: BlockDocument | null
}

/** The form; it leads to the block once that is saved. */
export function BlockForm({ type, schema, stored }: BlockFormProps) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [draft, setDraft] = useState<SchemaValues>(() => draftOf(schema.fields, stored))
  const [problems, setProblems] = useState<Record<string, string>>({})
  const save = useMutation({
    mutationFn: async (data: Record<string, unknown>) => {
      if (stored === null)
        return (await createBlock({ name, data, block_schema_id: schema.id, block_type_id: type.id })).id
      await changeBlock(stored.id, data)
      return stored.id
    },
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ['blocks'] })
      notify(`Saved ${stored?.name ?? name}`)
      await navigate({ to: '/blocks/block/$id', params: { id } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readDraft(schema.fields, draft, stored)
    if (stored === null && !NAME.test(name))
      read.problems[NAME_FIELD] = 'Lower-case letters, digits and dashes are needed.'
    setProblems(read.problems)
    if (Object.keys(read.problems).length === 0) save.mutate(read.data)
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {stored === null && (
        <Field
          label="Name of the block (required)"
          hint="Lower-case letters, digits and dashes. It cannot be changed later."
          error={problems[NAME_FIELD]}
        >
          {(props) => <TextInput {...props} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
      )}
      <SchemaForm
        schema={formSchema(schema.fields)}
        values={draft}
        problems={problems}
        onChange={setDraft}
        placeholders={stored === null ? {} : keptSecrets(schema.fields, stored)}
      />
      {save.isError && (
        <p role="alert" className={styles.problem}>
          {messageOf(save.error)}
        </p>
      )}
      <Row>
        <Button look="primary" type="submit" isBusy={save.isPending}>
          {stored === null ? 'Create the block' : 'Save'}
        </Button>
        {stored === null ? (
          <LinkButton to="/blocks/catalogue">Cancel</LinkButton>
        ) : (
          <LinkButton to="/blocks/block/$id" params={{ id: stored.id }}>
            Cancel
          </LinkButton>
        )}
      </Row>
    </form>
  )
}

/** No member of a schema has such a name. */
const NAME_FIELD = ' '

/** What stands in the inputs of secrets that are stored. */
function keptSecrets(schema: Schema, { data }: BlockDocument): Record<string, string> {
  const kept = blockFields(schema).filter(
    ({ name, isSecret }) => isSecret && data[name] !== undefined && data[name] !== null,
  )
  return Object.fromEntries(kept.map(({ name }) => [name, 'Stored. Type to replace it.']))
}
