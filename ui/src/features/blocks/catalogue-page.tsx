// All block types as cards: choosing one leads to the form of a new block.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { blockTypesQuery } from '@/api/blocks'
import type { BlockType } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { Page, Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import styles from './blocks.module.css'
import { CapabilityFilter } from './capabilities'
import type { CatalogueSearch } from './search'
import { TypeMark } from './type-mark'

const SNIPPET = `from ostinato.blocks.core import Block
from pydantic import SecretStr

class Crm(Block):
    url: str
    token: SecretStr

Crm.register_type_and_schema()`

/** The page. */
export function CataloguePage({
  search,
  onSearch,
}: {
  search: CatalogueSearch
  onSearch: (search: CatalogueSearch) => void
}) {
  const types = useQuery(blockTypesQuery(search))
  return (
    <Page title="Block types" heading="Choose a block type" trail={<Link to="/blocks">Blocks</Link>}>
      <Row>
        <SearchInput
          label="Name of the type"
          value={search.name ?? ''}
          onChange={(name) => onSearch({ ...search, name: name || undefined })}
        />
        <CapabilityFilter value={search.capability} onChange={(capability) => onSearch({ ...search, capability })} />
      </Row>
      <QueryView
        query={types}
        placeholder={<Skeleton lines={8} height="4rem" />}
        errorTitle="The block types could not be loaded"
      >
        {(found) =>
          found.length === 0 ? (
            <EmptyState title="No block type matches" snippet={SNIPPET}>
              A type of your own appears here once its class is registered.
            </EmptyState>
          ) : (
            <ul className={styles.cards}>
              {found.map((type) => (
                <Card key={type.id} type={type} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Page>
  )
}

function Card({ type }: { type: BlockType }) {
  return (
    <li className={styles.card}>
      <TypeMark name={type.name} />
      <Link to="/blocks/new/$slug" params={{ slug: type.slug }} className={styles.cardLink}>
        {type.name}
      </Link>
      {type.description && <p className={styles.cardText}>{type.description}</p>}
    </li>
  )
}
