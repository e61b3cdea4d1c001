// Filters that people keep under a name: applied, saved, made the default of this browser, and forgotten.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Bookmark, Star, Trash2 } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'

import { messageOf } from '@/api/errors'
import { deleteSavedFilter, type SavedFilter, savedFiltersQuery, saveFilter } from '@/api/saved-searches'
import { Button, IconButton } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'
import { useStored } from '@/lib/storage'

import { DEFAULT_FILTER, type DefaultFilter } from './remembered'
import styles from './saved-filters.module.css'
import { filtersOf, type RunsSearch, withFilters } from './search'

interface SavedFiltersProps {
  search: RunsSearch
  onSearch: (search: RunsSearch) => void
}

/** The button, and what it opens. */
export function SavedFilters({ search, onSearch }: SavedFiltersProps) {
  const [isOpen, setOpen] = useState(false)
  const apply = (filters: Record<string, unknown>) => {
    onSearch(withFilters(search, filters))
    setOpen(false)
  }
  return (
    <>
      <Button icon={<Bookmark size={15} aria-hidden />} onClick={() => setOpen(true)}>
        Saved filters
      </Button>
      {isOpen && (
        <Dialog title="Saved filters" isOpen onOpenChange={setOpen}>
          <Saving search={search} />
          <List onApply={apply} />
        </Dialog>
      )}
    </>
  )
}

function Saving({ search }: { search: RunsSearch }) {
  const client = useQueryClient()
  const form = useId()
  const [name, setName] = useState('')
  const filters = filtersOf(search)
  const save = useMutation({
    mutationFn: () => saveFilter(name.trim(), filters),
    onSuccess: async () => {
      notify(`Saved as ${name.trim()}`)
      setName('')
      await client.invalidateQueries({ queryKey: ['saved-searches'] })
    },
  })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') save.mutate()
  }
  if (Object.keys(filters).length === 0) {
    return <p className={styles.quiet}>Choose filters on the page to save them here.</p>
  }
  return (
    <form id={form} className={styles.saving} onSubmit={onSubmit}>
      <Field
        label="Save the filters of this page as"
        {...(save.isError && { error: messageOf(save.error) })}
        hint="One of the same name is replaced."
      >
        {(props) => <TextInput {...props} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Button type="submit" look="primary" isBusy={save.isPending} disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  )
}

function List({ onApply }: { onApply: (search: Record<string, unknown>) => void }) {
  const saved = useQuery(savedFiltersQuery())
  return (
    <QueryView query={saved} placeholder={<Skeleton lines={3} />} errorTitle="The saved filters could not be loaded">
      {(found) =>
        found.length === 0 ? (
          <EmptyState title="None saved yet">Everybody who uses this server will find them here.</EmptyState>
        ) : (
          <ul className={styles.list}>
            {found.map((filter) => (
              <Saved key={filter.id} filter={filter} onApply={() => onApply(filter.search)} />
            ))}
          </ul>
        )
      }
    </QueryView>
  )
}

function Saved({ filter, onApply }: { filter: SavedFilter; onApply: () => void }) {
  const client = useQueryClient()
  const [standing, setStanding] = useStored<DefaultFilter | null>(DEFAULT_FILTER, null)
  const isDefault = standing?.id === filter.id
  const remove = useMutation({
    mutationFn: () => deleteSavedFilter(filter.id),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: () => {
      if (isDefault) setStanding(null)
      notify(`Forgot ${filter.name}`)
      return client.invalidateQueries({ queryKey: ['saved-searches'] })
    },
  })
  return (
    <li className={styles.saved}>
      <button type="button" className={styles.apply} onClick={onApply}>
        {filter.name}
        {isDefault && <span className={styles.quiet}>default here</span>}
      </button>
      <IconButton
        label={isDefault ? `Do not begin with ${filter.name}` : `Begin with ${filter.name} in this browser`}
        aria-pressed={isDefault}
        icon={<Star size={15} aria-hidden fill={isDefault ? 'currentColor' : 'none'} />}
        onClick={() => setStanding(isDefault ? null : { id: filter.id, search: filter.search })}
      />
      <IconButton
        label={`Forget ${filter.name}`}
        isBusy={remove.isPending}
        icon={<Trash2 size={15} aria-hidden />}
        onClick={() => remove.mutate()}
      />
    </li>
  )
}
