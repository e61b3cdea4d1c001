// The fields of a work pool besides its name and its template.
import type { WorkPoolDraft } from '@/api/types'
import { Field, TextInput } from '@/design/field'

import { LimitField } from './limit-field'

export type PoolDraft = Pick<WorkPoolDraft, 'name' | 'description' | 'concurrency_limit' | 'pending_deadline_seconds'>

interface PoolFieldsProps {
  draft: PoolDraft
  onChange: (draft: PoolDraft) => void
  /** Whether it has its name for good. */
  isNamed?: boolean
}

/** The fields, without a form of their own. */
export function PoolFields({ draft, onChange, isNamed = false }: PoolFieldsProps) {
  return (
    <>
      {!isNamed && (
        <Field label="Name" hint="Deployments and workers name it; it cannot be changed later.">
          {(props) => (
            <TextInput
              {...props}
              required
              // As the server has it.
              pattern="[^\/%&><]+"
              title="All letters but / % & > <"
              value={draft.name}
              onChange={({ target }) => onChange({ ...draft, name: target.value })}
            />
          )}
        </Field>
      )}
      <Field label="Description">
        {(props) => (
          <TextInput
            {...props}
            value={draft.description ?? ''}
            onChange={({ target }) => onChange({ ...draft, description: target.value || null })}
          />
        )}
      </Field>
      <LimitField
        limit={draft.concurrency_limit ?? null}
        onChange={(limit) => onChange({ ...draft, concurrency_limit: limit })}
      />
      <Field
        label="Seconds until a run must have begun"
        hint="A run that a worker has taken and that does not begin within them is scheduled again. Empty: as the server is set; 0: it may take any time."
      >
        {(props) => (
          <TextInput
            {...props}
            type="number"
            min={0}
            max={604_800}
            value={draft.pending_deadline_seconds ?? ''}
            onChange={({ target }) =>
              onChange({
                ...draft,
                pending_deadline_seconds: target.value === '' ? null : Number(target.value),
              })
            }
          />
        )}
      </Field>
    </>
  )
}
