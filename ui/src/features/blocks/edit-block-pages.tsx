// The pages with the form of a block: a new one of a type, and one that is stored.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { blockQuery, blockTypeQuery } from '@/api/blocks'
import { ErrorPanel } from '@/design/error-panel'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'

import { BlockForm } from './block-form'

/** The page of a new block of a type. */
export function NewBlockPage({ slug }: { slug: string }) {
  const query = useQuery(blockTypeQuery(slug))
  const title = query.data === undefined ? 'New block' : `New block: ${query.data.type.name}`
  return (
    <FormPage title={title} trail={<Link to="/blocks/catalogue">Block types</Link>}>
      <QueryView query={query} placeholder={<Skeleton lines={6} />} errorTitle="The block type could not be loaded">
        {({ type, schema }) => (
          <>
            {type.description && <p>{type.description}</p>}
            {schema === null ? <NoSchema /> : <BlockForm key={schema.id} type={type} schema={schema} stored={null} />}
          </>
        )}
      </QueryView>
    </FormPage>
  )
}

/** The page that changes a block. */
export function EditBlockPage({ id }: { id: string }) {
  const block = useQuery(blockQuery(id))
  const name = block.data?.name ?? 'block'
  return (
    <FormPage title={`Change ${name}`} trail={<Link to="/blocks">Blocks</Link>}>
      <QueryView query={block} placeholder={<Skeleton lines={6} />} errorTitle="The block could not be loaded">
        {(stored) =>
          stored.block_schema === null || stored.block_type === null ? (
            <NoSchema />
          ) : (
            <BlockForm
              key={id}
              type={stored.block_type}
              schema={{ ...stored.block_schema, block_type: stored.block_type }}
              stored={stored}
            />
          )
        }
      </QueryView>
    </FormPage>
  )
}

function FormPage({ title, trail, children }: { title: string; trail: ReactNode; children: ReactNode }) {
  return (
    <Page title={title} trail={trail}>
      <Panel>{children}</Panel>
    </Page>
  )
}

function NoSchema() {
  return (
    <ErrorPanel
      title="The type has no schema"
      message="Register it from code with register_type_and_schema(): then the form knows its fields."
    />
  )
}
