// All blocks, by type, name and what they can do.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'

import { blocksQuery, blockTypesQuery } from '@/api/blocks'
import type { BlockDocument } from '@/api/types'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { LinkButton } from '@/design/link-button'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './blocks.module.css'
import { Capabilities, CapabilityFilter } from './capabilities'
import { ResultStorage } from './result-storage'
import type { BlocksSearch } from './search'
import { TypeMark } from './type-mark'

const LIMIT = 50
const SNIPPET = `from ostinato.blocks.system import Secret

Secret(value="...").save("api-key")
api_key = Secret.load("api-key").get()`
const helper = columnsOf<BlockDocument>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Block',
    cell: ({ row: { original } }) => (
      <span className={styles.named}>
        <TypeMark name={original.block_type?.name ?? ''} />
        <Link to="/blocks/block/$id" params={{ id: original.id }}>
          {original.name}
        </Link>
      </span>
    ),
  }),
  helper.display({ id: 'type', header: 'Type', cell: ({ row: { original } }) => original.block_type?.name }),
  helper.display({
    id: 'capabilities',
    header: 'Capabilities',
    cell: ({ row: { original } }) => <Capabilities words={original.block_schema?.capabilities ?? []} />,
  }),
  helper.display({
    id: 'updated',
    header: 'Changed',
    cell: ({ row: { original } }) => original.updated && <Time value={original.updated} look="relative" />,
  }),
])

/** The page. */
export function BlocksPage({ search, onSearch }: { search: BlocksSearch; onSearch: (search: BlocksSearch) => void }) {
  const limit = search.limit ?? LIMIT
  const { name, type, capability } = search
  const blocks = useQuery(blocksQuery({ name, type, capability, page: search.page ?? 1, limit }))
  const choose = (part: BlocksSearch) => onSearch({ ...search, page: undefined, ...part })
  const isFiltered = name !== undefined || type !== undefined || capability !== undefined
  const add = (
    <LinkButton look="primary" icon={<Plus size={15} aria-hidden />} to="/blocks/catalogue">
      New block
    </LinkButton>
  )
  return (
    <Page title="Blocks" actions={add}>
      <Row>
        <SearchInput
          label="Name of the block"
          value={name ?? ''}
          onChange={(next) => choose({ name: next || undefined })}
        />
        <TypeFilter value={type} onChange={(next) => choose({ type: next })} />
        <CapabilityFilter value={capability} onChange={(next) => choose({ capability: next })} />
      </Row>
      <Panel isFlush>
        <QueryView
          query={blocks}
          placeholder={<Skeleton lines={6} height="2rem" />}
          errorTitle="The blocks could not be loaded"
        >
          {({ results, count, page }) => {
            if (results.length === 0) return isFiltered ? <EmptyState title="No block matches" /> : <NoBlocks />
            return (
              <>
                <DataTable caption="Blocks" columns={columns} rows={results} rowKey={(block) => block.id} />
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => choose({ limit: next })}
                />
              </>
            )
          }}
        </QueryView>
      </Panel>
      <ResultStorage />
    </Page>
  )
}

function NoBlocks() {
  return (
    <EmptyState title="No blocks yet" snippet={SNIPPET}>
      Blocks keep what flows need to reach other systems: credentials, addresses, storage. Secrets in them are
      encrypted, and never shown here.
    </EmptyState>
  )
}

function TypeFilter({ value, onChange }: { value: string | undefined; onChange: (slug: string | undefined) => void }) {
  const types = useQuery(blockTypesQuery()).data ?? []
  const known = types.map(({ slug, name }) => [slug, name] as const)
  const named =
    value === undefined || known.some(([slug]) => slug === value) ? known : [[value, value] as const, ...known]
  return (
    <Select
      aria-label="Type"
      options={[['', 'All types'], ...named]}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    />
  )
}
