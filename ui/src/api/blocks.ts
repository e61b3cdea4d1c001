// Blocks: stored configuration and credentials, their types, and the schemas that say which fields a type has.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { BlockDocument } from './types'

const MOST = 200

export interface BlocksAsked {
  name?: string
  /** The slug of a block type. */
  type?: string
  capability?: string
  page: number
  limit: number
}

/** A page of blocks by type and name, with how many there are. Secrets are masked. */
export function blocksQuery({ name, type, capability, page, limit }: BlocksAsked) {
  const where = {
    ...(name !== undefined && { block_documents: { name: { like_: name } } }),
    ...(type !== undefined && { block_types: { slug: { any_: [type] } } }),
    ...(capability !== undefined && { block_schemas: { block_capabilities: { all_: [capability] } } }),
  }
  return queryOptions({
    queryKey: keyOf('blocks', 'page', where, page, limit),
    queryFn: async ({ signal }) => {
      const slice = { sort: 'BLOCK_TYPE_AND_NAME_ASC', limit, offset: (page - 1) * limit } as const
      const [results, count] = await Promise.all([
        answerOf(api.POST('/block_documents/filter', { body: { ...where, ...slice }, signal })),
        answerOf(api.POST('/block_documents/count', { body: where, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** The blocks of some types, up to the server's limit: what may be nested. */
export function blocksOfTypesQuery(slugs: readonly string[]) {
  return queryOptions({
    queryKey: keyOf('blocks', 'of-types', slugs),
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/block_documents/filter', {
          body: { block_types: { slug: { any_: [...slugs] } }, limit: MOST },
          signal,
        }),
      ),
  })
}

/** The blocks through which notifications go, or those that are webhooks. */
export function sendingBlocksQuery(by: 'notify' | 'webhook') {
  const body =
    by === 'notify'
      ? { block_schemas: { block_capabilities: { all_: ['notify'] } }, limit: MOST }
      : { block_types: { slug: { any_: ['webhook'] } }, limit: MOST }
  return queryOptions({
    queryKey: keyOf('blocks', 'sending', by),
    queryFn: ({ signal }) => answerOf(api.POST('/block_documents/filter', { body, signal })),
  })
}

/** The blocks that results can be stored in, up to the server's limit. */
export function storingBlocksQuery() {
  const body = { block_schemas: { block_capabilities: { all_: ['read-path', 'write-path'] } }, limit: MOST }
  return queryOptions({
    queryKey: keyOf('blocks', 'storing'),
    queryFn: ({ signal }) => answerOf(api.POST('/block_documents/filter', { body, signal })),
  })
}

/** One block; secrets are masked. */
export function blockQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('blocks', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/block_documents/{id}', { params: { path: { id } }, signal })),
  })
}

/** All block types, those with a capability, or with a word in their name. */
export function blockTypesQuery({ name, capability }: { name?: string; capability?: string } = {}) {
  const body = {
    ...(name !== undefined && { block_types: { name: { like_: name } } }),
    ...(capability !== undefined && { block_schemas: { block_capabilities: { all_: [capability] } } }),
    limit: MOST,
  }
  return queryOptions({
    queryKey: keyOf('blocks', 'types', body),
    queryFn: ({ signal }) => answerOf(api.POST('/block_types/filter', { body, signal })),
    placeholderData: keepPreviousData,
  })
}

/** A block type by its slug, with its newest schema; null where it has none. */
export function blockTypeQuery(slug: string) {
  return queryOptions({
    queryKey: keyOf('blocks', 'type', slug),
    queryFn: async ({ signal }) => {
      const type = await answerOf(api.GET('/block_types/slug/{slug}', { params: { path: { slug } }, signal }))
      const body = { block_schemas: { block_type_id: { any_: [type.id] } }, limit: 1 }
      const [schema = null] = await answerOf(api.POST('/block_schemas/filter', { body, signal }))
      return { type, schema }
    },
  })
}

/** What block types can do, by their words for it. */
export function capabilitiesQuery() {
  return queryOptions({
    queryKey: keyOf('blocks', 'capabilities'),
    queryFn: ({ signal }) => answerOf(api.GET('/block_capabilities/', { signal })),
  })
}

/** Store a block. */
export function createBlock(block: {
  name: string
  data: Record<string, unknown>
  block_schema_id: string
  block_type_id: string
}) {
  return answerOf(api.POST('/block_documents/', { body: block }))
}

/** Change members of a block; the others stay, but blocks nested in it must all be named again. */
export function changeBlock(id: string, data: Record<string, unknown>) {
  const body = { data, merge_existing_data: true }
  return answerOf(api.PATCH('/block_documents/{id}', { params: { path: { id } }, body }))
}

/** Delete a block. */
export function deleteBlock(id: string) {
  return answerOf(api.DELETE('/block_documents/{id}', { params: { path: { id } } }))
}

export interface NestedBlock {
  id: string
  name: string | null
}

/** The blocks nested in a block, by the members that hold them. */
export function nestedBlocks(block: BlockDocument): Record<string, NestedBlock> {
  return Object.fromEntries(
    Object.entries(block.block_document_references).flatMap(([member, { block_document: nested }]) =>
      nested === undefined ? [] : [[member, nested as NestedBlock]],
    ),
  )
}
