// A stored block in the place of a value.
import { useQuery } from '@tanstack/react-query'

import { blocksOfTypesQuery } from '@/api/blocks'
import { messageOf } from '@/api/errors'
import { Select } from '@/design/field'
import { LinkButton } from '@/design/link-button'

import type { Described } from './leaf-inputs'
import styles from './schema-form.module.css'
import { readBlock } from './values'

interface BlockInputProps {
  slugs: readonly string[]
  value: unknown
  described: Described
  onChange: (value: unknown) => void
}

/** The input. New blocks are made in a tab of their own: what was typed here stays. */
export function BlockInput({ slugs, value, described, onChange }: BlockInputProps) {
  const blocks = useQuery(blocksOfTypesQuery(slugs))
  const chosen = readBlock(value) ?? ''
  const isSeveral = slugs.length > 1
  const known = (blocks.data ?? []).map(
    (block) =>
      [block.id, isSeveral ? `${block.block_type?.name ?? ''}: ${block.name ?? ''}` : (block.name ?? '')] as const,
  )
  const options = chosen === '' || known.some(([id]) => id === chosen) ? known : [[chosen, '…'] as const, ...known]
  return (
    <>
      <div className={styles.choose}>
        <Select
          {...described}
          options={[['', blocks.isPending ? 'Loading' : 'None'], ...options]}
          value={chosen}
          onChange={(event) =>
            onChange(event.target.value === '' ? undefined : { $ref: { block_document_id: event.target.value } })
          }
        />
        {slugs.map((slug) => (
          <LinkButton key={slug} to="/blocks/new/$slug" params={{ slug }} target="_blank" title="Opens in a new tab">
            {isSeveral ? `New ${slug}` : 'New'}
          </LinkButton>
        ))}
      </div>
      <span className={styles.meant}>
        {blocks.isError ? messageOf(blocks.error) : `A block of type ${slugs.join(' or ')}.`}
      </span>
    </>
  )
}
