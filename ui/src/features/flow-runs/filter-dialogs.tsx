// What a filter can be about is chosen here: an object by its name, a tag, a time of one's own.
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId, useState } from 'react'

import { deploymentsQuery } from '@/api/deployments'
import { flowNamesQuery, flowsQuery } from '@/api/flows'
import { workPoolsQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { useZone } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './filter-dialogs.module.css'
import type { RunsSearch } from './search'

const OFFERED = 20

export type FilterKind = 'flow' | 'deployment' | 'pool' | 'tag' | 'time'

interface FilterDialogProps {
  /** What is filtered, as the title has it. */
  what?: string
  search: RunsSearch
  onChange: (change: Partial<RunsSearch>) => void
  onClose: () => void
}

/** The dialog of one kind of filter. */
export function FilterDialog({ kind, ...props }: FilterDialogProps & { kind: FilterKind }) {
  switch (kind) {
    case 'flow':
      return <FlowDialog {...props} />
    case 'deployment':
      return <DeploymentDialog {...props} />
    case 'pool':
      return <PoolDialog {...props} />
    case 'tag':
      return <TagDialog {...props} />
    case 'time':
      return <TimeDialog {...props} />
  }
}

function FlowDialog({ what = 'Runs', onChange, onClose }: FilterDialogProps) {
  const [name, setName] = useState('')
  const flows = useQuery(flowsQuery({ ...(name !== '' && { name }), page: 1, limit: OFFERED }))
  return (
    <Chooser title={`${what} of which flow?`} label="Name of the flow" name={name} onName={setName} onClose={onClose}>
      <QueryView query={flows} placeholder={<Skeleton lines={4} />}>
        {({ results, count }) => (
          <Offers
            offers={results.map(({ id, name: label }) => ({ id, label }))}
            count={count}
            onChoose={(flow) => onChange({ flow })}
            onClose={onClose}
          />
        )}
      </QueryView>
    </Chooser>
  )
}

function DeploymentDialog({ onChange, onClose }: FilterDialogProps) {
  const [name, setName] = useState('')
  const deployments = useQuery(deploymentsQuery({ ...(name !== '' && { name }), page: 1, limit: OFFERED }))
  const flows = useQuery(flowNamesQuery(deployments.data?.results.map(({ flow_id }) => flow_id) ?? []))
  return (
    <Chooser
      title="Runs of which deployment?"
      label="Name of the deployment or its flow"
      name={name}
      onName={setName}
      onClose={onClose}
    >
      <QueryView query={deployments} placeholder={<Skeleton lines={4} />}>
        {({ results, count }) => (
          <Offers
            offers={results.map(({ id, name: label, flow_id }) => ({ id, label, of: flows.data?.get(flow_id) }))}
            count={count}
            onChoose={(deployment) => onChange({ deployment })}
            onClose={onClose}
          />
        )}
      </QueryView>
    </Chooser>
  )
}

function PoolDialog({ what = 'Runs', onChange, onClose }: FilterDialogProps) {
  const pools = useQuery(workPoolsQuery())
  return (
    <Dialog title={`${what} in which work pool?`} isOpen onOpenChange={onClose}>
      <QueryView query={pools} placeholder={<Skeleton lines={4} />}>
        {(found) => (
          <Offers
            offers={found.map(({ name, type }) => ({ id: name, label: name, of: type }))}
            count={found.length}
            onChoose={(pool) => onChange({ pool })}
            onClose={onClose}
          />
        )}
      </QueryView>
    </Dialog>
  )
}

interface ChooserProps {
  title: string
  label: string
  name: string
  onName: (name: string) => void
  onClose: () => void
  children: ReactNode
}

function Chooser({ title, label, name, onName, onClose, children }: ChooserProps) {
  return (
    <Dialog title={title} isOpen onOpenChange={onClose}>
      <SearchInput label={label} value={name} onChange={onName} />
      {children}
    </Dialog>
  )
}

interface OffersProps {
  offers: readonly { id: string; label: string; of?: string }[]
  count: number
  onChoose: (id: string) => void
  onClose: () => void
}

function Offers({ offers, count, onChoose, onClose }: OffersProps) {
  const choose = (id: string) => {
    onChoose(id)
    onClose()
  }
  if (offers.length === 0) return <p className={styles.more}>None of that name.</p>
  return (
    <>
      <ul className={styles.offers}>
        {offers.map(({ id, label, of }) => (
          <li key={id}>
            <button type="button" className={styles.offer} onClick={() => choose(id)}>
              {label}
              {of !== undefined && <span className={styles.of}>{of}</span>}
            </button>
          </li>
        ))}
      </ul>
      {count > offers.length && (
        <p className={styles.more}>{(count - offers.length).toLocaleString('en')} more: type a part of the name.</p>
      )}
    </>
  )
}

function TagDialog({ what = 'Runs', search, onChange, onClose }: FilterDialogProps) {
  const form = useId()
  const [tag, setTag] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    const wanted = tag.trim()
    if (wanted === '') return
    onChange({ tags: [...new Set([...(search.tags ?? []), wanted])] })
    onClose()
  }
  return (
    <Dialog
      title={`${what} with which tag?`}
      isOpen
      onOpenChange={onClose}
      actions={
        <Button type="submit" form={form} look="primary">
          Filter by it
        </Button>
      }
    >
      <form id={form} onSubmit={add}>
        <Field label="Tag" hint={`The whole tag. ${what} must have all tags that are asked for.`}>
          {(props) => <TextInput {...props} value={tag} onChange={(event) => setTag(event.target.value)} />}
        </Field>
      </form>
    </Dialog>
  )
}

function TimeDialog({ search, onChange, onClose }: FilterDialogProps) {
  const form = useId()
  const [zone] = useZone()
  const [since, setSince] = useState(() => inZone(search.since, zone))
  const [until, setUntil] = useState(() => inZone(search.until, zone))
  const isTurned = since !== '' && until !== '' && since >= until
  const choose = (event: FormEvent) => {
    event.preventDefault()
    if (isTurned) return
    onChange({ since: fromZone(since, zone), until: fromZone(until, zone), range: undefined })
    onClose()
  }
  return (
    <Dialog
      title="Runs of which time?"
      description={zone === 'utc' ? 'Times are UTC.' : 'Times are those of this computer.'}
      isOpen
      onOpenChange={onClose}
      actions={
        <Button type="submit" form={form} look="primary" disabled={since === '' && until === ''}>
          Show these
        </Button>
      }
    >
      <form id={form} onSubmit={choose} className={styles.times}>
        <Field label="From">
          {(props) => (
            <TextInput
              {...props}
              type="datetime-local"
              value={since}
              onChange={(event) => setSince(event.target.value)}
            />
          )}
        </Field>
        <Field label="To" {...(isTurned && { error: 'This is not after the beginning.' })}>
          {(props) => (
            <TextInput
              {...props}
              type="datetime-local"
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  )
}

/** An instant as the browser's field has it: `2026-11-22T14:03`. */
function inZone(iso: string | undefined, zone: 'local' | 'utc'): string {
  if (iso === undefined) return ''
  const offset = zone === 'utc' ? 0 : new Date(iso).getTimezoneOffset() * 60_000
  return new Date(Date.parse(iso) - offset).toISOString().slice(0, 16)
}

function fromZone(text: string, zone: 'local' | 'utc'): string | undefined {
  if (text === '') return undefined
  return new Date(zone === 'utc' ? `${text}Z` : text).toISOString()
}
