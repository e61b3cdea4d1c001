// All incidents, those that go on first.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Siren, X } from 'lucide-react'
import { useState } from 'react'

import { incidentsQuery } from '@/api/incidents'
import type { Incident } from '@/api/types'
import { Tags } from '@/design/badge'
import { Button } from '@/design/button'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { SEVERITY_OPTIONS, SeverityBadge, type SeverityName } from '@/design/severity'
import { Skeleton } from '@/design/skeleton'
import { RunningDuration, Time } from '@/design/time'
import { readResource, ResourceLink } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import { IncidentDialog } from './incident-dialog'
import type { IncidentsSearch } from './search'
import { StatusBadge } from './status'

const LIMIT = 50
const SNIPPET = 'ostinato incident declare "Orders are late" --severity high --summary "The shop\'s database is slow."'
const STATUS_OPTIONS = [
  ['', 'Open or resolved'],
  ['open', 'Open'],
  ['resolved', 'Resolved'],
] as const

const helper = columnsOf<Incident>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Incident',
    cell: ({ row: { original } }) => (
      <Link to="/incidents/incident/$id" params={{ id: original.id }}>
        {original.name}
      </Link>
    ),
  }),
  helper.display({
    id: 'status',
    header: 'Status',
    cell: ({ row: { original } }) => <StatusBadge status={original.status} />,
  }),
  helper.display({
    id: 'severity',
    header: 'Severity',
    cell: ({ row: { original } }) => <SeverityBadge severity={original.severity} />,
  }),
  helper.display({
    id: 'since',
    header: 'Since',
    cell: ({ row: { original } }) => <Time value={original.start_time} look="relative" />,
  }),
  helper.display({
    id: 'lasted',
    header: 'Duration',
    cell: ({ row: { original } }) => <RunningDuration from={original.start_time} to={original.end_time} />,
  }),
  helper.display({
    id: 'related',
    header: 'Concerns',
    cell: ({ row: { original } }) => <Concerned incident={original} />,
  }),
  helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.tags} /> }),
])

function Concerned({ incident: { related_resources: all } }: { incident: Incident }) {
  const [first, ...others] = all.map(readResource)
  if (first === undefined) return null
  return (
    <>
      <ResourceLink resource={first} />
      {others.length > 0 && ` and ${others.length} more`}
    </>
  )
}

interface IncidentsPageProps {
  search: IncidentsSearch
  onSearch: (search: IncidentsSearch) => void
}

/** The page. */
export function IncidentsPage({ search, onSearch }: IncidentsPageProps) {
  const navigate = useNavigate()
  const [isDeclaring, setDeclaring] = useState(false)
  const declare = (
    <Button look="primary" icon={<Siren size={15} aria-hidden />} onClick={() => setDeclaring(true)}>
      Declare an incident
    </Button>
  )
  return (
    <Page title="Incidents" actions={declare}>
      <Filters search={search} onSearch={onSearch} />
      <Panel isFlush>
        <List search={search} onSearch={onSearch} />
      </Panel>
      {isDeclaring && (
        <IncidentDialog
          incident={null}
          onSaved={(id) => void navigate({ to: '/incidents/incident/$id', params: { id } })}
          onClose={() => setDeclaring(false)}
        />
      )}
    </Page>
  )
}

function Filters({ search, onSearch }: IncidentsPageProps) {
  const choose = (part: IncidentsSearch) => onSearch({ ...search, page: undefined, ...part })
  return (
    <Row>
      <SearchInput
        label="Name of the incident"
        value={search.name ?? ''}
        onChange={(name) => choose({ name: name || undefined })}
      />
      <Select
        aria-label="Status"
        options={STATUS_OPTIONS}
        value={search.status ?? ''}
        onChange={({ target }) => choose({ status: (target.value || undefined) as IncidentsSearch['status'] })}
      />
      <Select
        aria-label="Severity"
        options={[['', 'All severities'], ...SEVERITY_OPTIONS]}
        value={search.severity ?? ''}
        onChange={({ target }) => choose({ severity: (target.value || undefined) as SeverityName | undefined })}
      />
      {search.tags?.map((tag) => (
        <Button
          key={tag}
          icon={<X size={14} aria-hidden />}
          aria-label={`Do not filter by tag ${tag}`}
          onClick={() => choose({ tags: search.tags?.filter((each) => each !== tag) })}
        >
          Tag: {tag}
        </Button>
      ))}
    </Row>
  )
}

function List({ search, onSearch }: IncidentsPageProps) {
  const limit = search.limit ?? LIMIT
  const { name, status, severity, tags } = search
  const incidents = useQuery(incidentsQuery({ name, status, severity, tags, page: search.page ?? 1, limit }))
  const isFiltered = [name, status, severity, tags].some((each) => each !== undefined)
  return (
    <QueryView
      query={incidents}
      placeholder={<Skeleton lines={6} height="2rem" />}
      errorTitle="The incidents could not be loaded"
    >
      {({ results, count, page }) => {
        if (results.length === 0)
          return isFiltered ? (
            <EmptyState title="No incident matches" />
          ) : (
            <EmptyState title="No incidents" snippet={SNIPPET}>
              An incident says that something is wrong, how bad it is, from when to when, and what people say of it.
              People declare one, or an automation does.
            </EmptyState>
          )
        return (
          <>
            <DataTable caption="Incidents" columns={columns} rows={results} rowKey={({ id }) => id} />
            <Pager
              page={page}
              limit={limit}
              count={count}
              onPage={(next) => onSearch({ ...search, page: next })}
              onLimit={(next) => onSearch({ ...search, page: undefined, limit: next })}
            />
          </>
        )
      }}
    </QueryView>
  )
}
