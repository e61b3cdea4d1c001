// All service level agreements, those violated last first.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'

import { deploymentNamesQuery } from '@/api/deployments'
import { slasQuery } from '@/api/slas'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { SEVERITY_OPTIONS, type SeverityName } from '@/design/severity'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import type { SlasSearch } from './search'
import { SlaDialog } from './sla-dialog'
import { SlasTable } from './slas-table'
import { KIND_OPTIONS, type KindName, ownerOf } from './words'

const LIMIT = 50
const SNIPPET = `ostinato sla set orders/hourly quick --ends-within 10m --severity high
ostinato sla set tag:reports fresh --completes-every 2h`
const VIOLATED_OPTIONS = [
  ['', 'Kept or violated'],
  ['yes', 'Violated'],
  ['no', 'Kept'],
] as const
const NO_NAMES: ReadonlyMap<string, string> = new Map()

interface SlasPageProps {
  search: SlasSearch
  onSearch: (search: SlasSearch) => void
}

/** The page. */
export function SlasPage({ search, onSearch }: SlasPageProps) {
  const navigate = useNavigate()
  const [isMaking, setMaking] = useState(false)
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setMaking(true)}>
      New agreement
    </Button>
  )
  return (
    <Page title="SLAs" heading="Service level agreements" actions={add}>
      <Filters search={search} onSearch={onSearch} />
      <Panel isFlush>
        <List search={search} onSearch={onSearch} />
      </Panel>
      {isMaking && (
        <SlaDialog
          sla={null}
          owner={search.owner === undefined ? undefined : ownerOf({ owner_resource: search.owner })}
          onSaved={({ id }) => void navigate({ to: '/slas/sla/$id', params: { id } })}
          onClose={() => setMaking(false)}
        />
      )}
    </Page>
  )
}

function Filters({ search, onSearch }: SlasPageProps) {
  const choose = (part: SlasSearch) => onSearch({ ...search, page: undefined, ...part })
  return (
    <Row>
      <SearchInput
        label="Name of the agreement"
        value={search.name ?? ''}
        onChange={(name) => choose({ name: name || undefined })}
      />
      <Select
        aria-label="Kind"
        options={[['', 'All kinds'], ...KIND_OPTIONS]}
        value={search.kind ?? ''}
        onChange={({ target }) => choose({ kind: (target.value || undefined) as KindName | undefined })}
      />
      <Select
        aria-label="Severity"
        options={[['', 'All severities'], ...SEVERITY_OPTIONS]}
        value={search.severity ?? ''}
        onChange={({ target }) => choose({ severity: (target.value || undefined) as SeverityName | undefined })}
      />
      <Select
        aria-label="Kept or violated"
        options={VIOLATED_OPTIONS}
        value={search.violated ?? ''}
        onChange={({ target }) => choose({ violated: (target.value || undefined) as SlasSearch['violated'] })}
      />
      {search.owner !== undefined && (
        <Button
          icon={<X size={14} aria-hidden />}
          aria-label="Show those of all deployments and tags"
          onClick={() => choose({ owner: undefined })}
        >
          Of one {ownerOf({ owner_resource: search.owner }).kind}
        </Button>
      )}
    </Row>
  )
}

function List({ search, onSearch }: SlasPageProps) {
  const limit = search.limit ?? LIMIT
  const { name, kind, severity, owner } = search
  const violated = search.violated && search.violated === 'yes'
  const slas = useQuery(slasQuery({ name, kind, severity, violated, owner, page: search.page ?? 1, limit }))
  const owners = (slas.data?.results ?? []).map(ownerOf).filter((each) => each.kind === 'deployment')
  const names = useQuery(deploymentNamesQuery(owners.map(({ key }) => key))).data
  const isFiltered = [name, kind, severity, violated, owner].some((each) => each !== undefined)
  return (
    <QueryView
      query={slas}
      placeholder={<Skeleton lines={6} height="2rem" />}
      errorTitle="The agreements could not be loaded"
    >
      {({ results, count, page }) => {
        if (results.length === 0)
          return isFiltered ? (
            <EmptyState title="No agreement matches" />
          ) : (
            <EmptyState title="No agreements yet" snippet={SNIPPET}>
              An agreement says what you expect of the runs of a deployment or a tag: that they end in time, begin in
              time, or come often enough. The server watches, and tells by an event what was not kept.
            </EmptyState>
          )
        return (
          <>
            <SlasTable slas={results} names={names ?? NO_NAMES} />
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
