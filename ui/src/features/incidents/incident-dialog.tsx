// Declares an incident or changes one.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'

import { messageOf } from '@/api/errors'
import { saveIncident } from '@/api/incidents'
import type { Incident } from '@/api/types'
import { Button } from '@/design/button'
import { Field, Select, TextArea, TextInput } from '@/design/field'
import { Fields, Form } from '@/design/form'
import { Dialog } from '@/design/overlays'
import { SEVERITY_OPTIONS, type SeverityName } from '@/design/severity'
import { notify } from '@/design/toast'
import { readWords } from '@/lib/words'

interface IncidentDialogProps {
  incident: Incident | null
  onSaved?: (id: string) => void
  onClose: () => void
}

/** The dialog; without an incident it declares one. */
export function IncidentDialog({ incident, onSaved, onClose }: IncidentDialogProps) {
  const form = useId()
  const client = useQueryClient()
  const [name, setName] = useState(incident?.name ?? '')
  const [severity, setSeverity] = useState<SeverityName>(incident?.severity ?? 'moderate')
  const [summary, setSummary] = useState(incident?.summary ?? '')
  const [tags, setTags] = useState(incident?.tags.join(', ') ?? '')
  const save = useMutation({
    mutationFn: () => saveIncident(incident?.id ?? null, { name, severity, summary, tags: readWords(tags) }),
    onSuccess: (id) => {
      notify(incident === null ? `Declared ${name}` : `Saved ${name}`)
      onClose()
      onSaved?.(id)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  })
  return (
    <Dialog
      title={incident === null ? 'Declare an incident' : `Change ${incident.name}`}
      isOpen
      onOpenChange={onClose}
      actions={
        <Button look="primary" type="submit" form={form} isBusy={save.isPending}>
          {incident === null ? 'Declare it' : 'Save'}
        </Button>
      }
    >
      <Form id={form} onSubmit={save.mutate} problem={save.isError ? messageOf(save.error) : null}>
        <Field label="What is wrong">
          {(props) => <TextInput {...props} required value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <Fields>
          <Field label="Severity">
            {(props) => (
              <Select
                {...props}
                options={SEVERITY_OPTIONS}
                value={severity}
                onChange={({ target }) => setSeverity(target.value as SeverityName /* an option */)}
              />
            )}
          </Field>
          <Field label="Tags" hint="With commas between them.">
            {(props) => <TextInput {...props} value={tags} onChange={({ target }) => setTags(target.value)} />}
          </Field>
        </Fields>
        <Field label="Summary">
          {(props) => (
            <TextArea {...props} rows={4} value={summary} onChange={({ target }) => setSummary(target.value)} />
          )}
        </Field>
      </Form>
    </Dialog>
  )
}
