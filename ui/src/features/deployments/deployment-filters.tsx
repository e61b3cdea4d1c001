// The filters of the list of deployments: each change is a change of the address.
import { useQuery } from '@tanstack/react-query'
import { FolderTree, List, Plus } from 'lucide-react'
import { useState } from 'react'

import type { DeploymentHealth } from '@/api/deployments'
import { flowNamesQuery } from '@/api/flows'
import { Button } from '@/design/button'
import { Select } from '@/design/field'
import { Menu, MenuItem } from '@/design/overlays'
import { Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { FilterDialog } from '@/features/flow-runs/public'
import { GivenFilters } from '@/features/given-filters'

import { type DeploymentsSearch, HEALTHS, SORTS, UNFILTERED } from './list-search'

const ANY = ''
const HEALTH_LABELS: Record<DeploymentHealth, string> = { ready: 'Ready', 'not-ready': 'Not served', paused: 'Paused' }
const HEALTH_OPTIONS = [[ANY, 'Any status'] as const, ...HEALTHS.map((each) => [each, HEALTH_LABELS[each]] as const)]
const SORT_LABELS: Record<(typeof SORTS)[number], string> = {
  NAME_ASC: 'Name, A to Z',
  NAME_DESC: 'Name, Z to A',
  CREATED_DESC: 'Newest first',
  UPDATED_DESC: 'Changed last first',
}
const SORT_OPTIONS = SORTS.map((sort) => [sort, SORT_LABELS[sort]] as const)

interface DeploymentFiltersProps {
  search: DeploymentsSearch
  onChange: (change: Partial<DeploymentsSearch>) => void
}

/** The row of filters, and what is filtered by. */
export function DeploymentFilters({ search, onChange }: DeploymentFiltersProps) {
  const isInFolders = search.view === 'folders'
  return (
    <>
      <Row>
        <SearchInput
          label="Name of the flow or deployment"
          value={search.name ?? ''}
          onChange={(name) => onChange({ name: name || undefined })}
        />
        <Select
          aria-label="Status"
          options={HEALTH_OPTIONS}
          value={search.status ?? ANY}
          onChange={({ target: { value } }) => onChange({ status: HEALTHS.find((each) => each === value) })}
        />
        <MoreFilters search={search} onChange={onChange} />
        <Select
          aria-label="Order"
          options={SORT_OPTIONS}
          value={search.sort ?? 'NAME_ASC'}
          onChange={({ target: { value } }) => onChange({ sort: SORTS.find((each) => each === value) })}
        />
        <Button
          icon={isInFolders ? <List size={15} aria-hidden /> : <FolderTree size={15} aria-hidden />}
          onClick={() => onChange({ view: isInFolders ? undefined : 'folders', folder: undefined })}
        >
          {isInFolders ? 'As a list' : 'In folders'}
        </Button>
      </Row>
      <DeploymentsGiven search={search} onChange={onChange} />
    </>
  )
}

const KINDS = [
  ['flow', 'Flow…'],
  ['pool', 'Work pool…'],
  ['tag', 'Tag…'],
] as const

function MoreFilters({ search, onChange }: DeploymentFiltersProps) {
  const [kind, setKind] = useState<(typeof KINDS)[number][0] | null>(null)
  return (
    <>
      <Menu trigger={<Button icon={<Plus size={15} aria-hidden />}>Filter</Button>}>
        {KINDS.map(([each, label]) => (
          <MenuItem key={each} onSelect={() => setKind(each)}>
            {label}
          </MenuItem>
        ))}
      </Menu>
      {kind !== null && (
        <FilterDialog
          kind={kind}
          what="Deployments"
          search={{ tags: search.tags }}
          onChange={({ flow, pool, tags }) =>
            onChange({ ...(flow && { flow }), ...(pool && { pool }), ...(tags && { tags }) })
          }
          onClose={() => setKind(null)}
        />
      )}
    </>
  )
}

function DeploymentsGiven({ search, onChange }: DeploymentFiltersProps) {
  const { name, status, flow, pool, tags = [] } = search
  const flows = useQuery(flowNamesQuery(flow === undefined ? [] : [flow]))
  const given: [text: string, change: Partial<DeploymentsSearch>][] = []
  if (name !== undefined) given.push([`name: ${name}`, { name: undefined }])
  if (status !== undefined) given.push([`status: ${HEALTH_LABELS[status].toLowerCase()}`, { status: undefined }])
  if (flow !== undefined) given.push([`flow: ${flows.data?.get(flow) ?? '…'}`, { flow: undefined }])
  if (pool !== undefined) given.push([`work pool: ${pool}`, { pool: undefined }])
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
