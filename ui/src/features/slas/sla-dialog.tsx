// Makes an agreement or changes one. Its name and owner stay: by them it is known.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'

import { deploymentsQuery } from '@/api/deployments'
import { messageOf } from '@/api/errors'
import { saveSla } from '@/api/slas'
import type { Sla } from '@/api/types'
import { Button } from '@/design/button'
import { Field, Select, TextInput } from '@/design/field'
import { Fields, Form } from '@/design/form'
import { Dialog } from '@/design/overlays'
import { SearchInput } from '@/design/search-input'
import { SEVERITY_OPTIONS, type SeverityName } from '@/design/severity'
import { SpanField } from '@/design/span-field'
import { notify } from '@/design/toast'

import { draftOf, KIND_HINTS, KIND_OPTIONS, type KindName, type Owner, ownerOf, resourceOf, secondsOf } from './words'

const MOST = 50
const HOUR = 3600
const OWNER_OPTIONS = [
  ['deployment', 'A deployment'],
  ['tag', 'All runs with a tag'],
] as const

interface SlaDialogProps {
  sla: Sla | null
  /** Whose a new one is to begin with. */
  owner?: Owner
  /** Whether it can be nobody else's. */
  isOwnerFixed?: boolean
  onSaved?: (sla: Sla) => void
  onClose: () => void
}

/** The dialog; without an agreement it makes one. */
export function SlaDialog({ sla, owner: first, isOwnerFixed = false, onSaved, onClose }: SlaDialogProps) {
  const form = useId()
  const client = useQueryClient()
  const [owner, setOwner] = useState<Owner>(sla === null ? (first ?? { kind: 'deployment', key: '' }) : ownerOf(sla))
  const [name, setName] = useState(sla?.name ?? '')
  const [kind, setKind] = useState<KindName>(sla?.kind ?? 'time-to-completion')
  const [seconds, setSeconds] = useState(sla === null ? HOUR : secondsOf(sla))
  const [severity, setSeverity] = useState<SeverityName>(sla?.severity ?? 'moderate')
  const save = useMutation({
    mutationFn: () => {
      const about = { name, severity, enabled: sla?.enabled ?? true, owner_resource: resourceOf(owner) }
      return saveSla(draftOf(about, kind, seconds))
    },
    onSuccess: (saved) => {
      notify(`Saved ${name}`)
      onClose()
      onSaved?.(saved)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['slas'] }),
  })
  return (
    <Dialog
      title={sla === null ? 'New agreement' : `Change ${sla.name}`}
      description={
        sla === null
          ? 'Deadlines are judged from now on. A name that its owner has already changes that agreement.'
          : 'With another kind or time it counts anew: no deadline from before is judged.'
      }
      isOpen
      onOpenChange={onClose}
      actions={
        <Button look="primary" type="submit" form={form} isBusy={save.isPending} disabled={seconds <= 0}>
          Save
        </Button>
      }
    >
      <Form id={form} onSubmit={save.mutate} problem={save.isError ? messageOf(save.error) : null}>
        {sla === null && !isOwnerFixed && <OwnerFields owner={owner} onChange={setOwner} />}
        <Fields>
          {sla === null && (
            <Field label="Name">
              {(props) => (
                <TextInput {...props} required value={name} onChange={({ target }) => setName(target.value)} />
              )}
            </Field>
          )}
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
          <Field label="Kind">
            {(props) => (
              <Select
                {...props}
                options={KIND_OPTIONS}
                value={kind}
                onChange={({ target }) => setKind(target.value as KindName /* an option */)}
              />
            )}
          </Field>
          <SpanField label="Within" hint={KIND_HINTS[kind]} seconds={seconds} onChange={setSeconds} />
        </Fields>
      </Form>
    </Dialog>
  )
}

function OwnerFields({ owner, onChange }: { owner: Owner; onChange: (owner: Owner) => void }) {
  return (
    <Fields>
      <Field label="Whose runs">
        {(props) => (
          <Select
            {...props}
            options={OWNER_OPTIONS}
            value={owner.kind}
            onChange={({ target }) => onChange({ kind: target.value as Owner['kind'] /* an option */, key: '' })}
          />
        )}
      </Field>
      {owner.kind === 'tag' ? (
        <Field label="Tag">
          {(props) => (
            <TextInput
              {...props}
              required
              value={owner.key}
              onChange={({ target }) => onChange({ ...owner, key: target.value.trim() })}
            />
          )}
        </Field>
      ) : (
        <DeploymentField id={owner.key} onChange={(key) => onChange({ ...owner, key })} />
      )}
    </Fields>
  )
}

/** A deployment, found by its name on the server: there may be thousands. */
function DeploymentField({ id, onChange }: { id: string; onChange: (id: string) => void }) {
  const [name, setName] = useState('')
  const asked = { ...(name !== '' && { name }), page: 1, limit: MOST }
  const { results = [], count = 0 } = useQuery(deploymentsQuery(asked)).data ?? {}
  const options = results.map((each) => [each.id, each.name] as const)
  const known =
    id === '' || options.some(([each]) => each === id) ? options : [[id, 'The one chosen'] as const, ...options]
  return (
    <Field
      label="Deployment"
      hint={count > results.length ? `The first ${results.length} of ${count}: search by name.` : undefined}
    >
      {(props) => (
        <>
          <SearchInput label="Search deployments" value={name} onChange={setName} />
          <Select
            {...props}
            required
            options={[['', 'Choose one'], ...known]}
            value={id}
            onChange={({ target }) => onChange(target.value)}
          />
        </>
      )}
    </Field>
  )
}
