// The filters of the list of flows: each change is a change of the address.
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { Button } from '@/design/button'
import { Select } from '@/design/field'
import { Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { FilterDialog } from '@/features/flow-runs/public'
import { GivenFilters } from '@/features/given-filters'

import { DEPLOYED, type FlowsSearch, SORTS, UNFILTERED } from './list-search'

const ANY = ''
const DEPLOYED_LABELS = { yes: 'With deployments', no: 'Without deployments' }
const DEPLOYED_OPTIONS = [
  [ANY, 'All flows'] as const,
  ...DEPLOYED.map((each) => [each, DEPLOYED_LABELS[each]] as const),
]
const SORT_LABELS: Record<(typeof SORTS)[number], string> = {
  NAME_ASC: 'Name, A to Z',
  NAME_DESC: 'Name, Z to A',
  CREATED_DESC: 'Newest first',
  UPDATED_DESC: 'Changed last first',
}
const SORT_OPTIONS = SORTS.map((sort) => [sort, SORT_LABELS[sort]] as const)

interface FlowFiltersProps {
  search: FlowsSearch
  onChange: (change: Partial<FlowsSearch>) => void
}

/** The row of filters, and what is filtered by. */
export function FlowFilters({ search, onChange }: FlowFiltersProps) {
  const [isTagAsked, setTagAsked] = useState(false)
  return (
    <>
      <Row>
        <SearchInput
          label="Name of the flow"
          value={search.name ?? ''}
          onChange={(name) => onChange({ name: name || undefined })}
        />
        <Select
          aria-label="Deployments"
          options={DEPLOYED_OPTIONS}
          value={search.deployed ?? ANY}
          onChange={({ target: { value } }) => onChange({ deployed: DEPLOYED.find((each) => each === value) })}
        />
        <Button icon={<Plus size={15} aria-hidden />} onClick={() => setTagAsked(true)}>
          Tag
        </Button>
        <Select
          aria-label="Order"
          options={SORT_OPTIONS}
          value={search.sort ?? 'NAME_ASC'}
          onChange={({ target: { value } }) => onChange({ sort: SORTS.find((each) => each === value) })}
        />
      </Row>
      <FlowsGiven search={search} onChange={onChange} />
      {isTagAsked && (
        <FilterDialog
          kind="tag"
          what="Flows"
          search={{ tags: search.tags }}
          onChange={({ tags }) => onChange({ tags })}
          onClose={() => setTagAsked(false)}
        />
      )}
    </>
  )
}

function FlowsGiven({ search, onChange }: FlowFiltersProps) {
  const { name, deployed, tags = [] } = search
  const given: [text: string, change: Partial<FlowsSearch>][] = []
  if (name !== undefined) given.push([`name: ${name}`, { name: undefined }])
  if (deployed !== undefined) given.push([DEPLOYED_LABELS[deployed].toLowerCase(), { deployed: undefined }])
  for (const tag of tags) {
    const rest = tags.filter((each) => each !== tag)
    given.push([`tag: ${tag}`, { tags: rest.length > 0 ? rest : undefined }])
  }
  return (
    <GivenFilters
      given={given.map(([text, change]) => ({ text, onRemove: () => onChange(change) }))}
      onClear={() => onChange(UNFILTERED)}
    />
  )
}
