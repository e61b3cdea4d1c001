// A block: its values without its secrets, and how flows use it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Pencil, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'

import { blockQuery, deleteBlock, nestedBlocks } from '@/api/blocks'
import type { BlockDocument } from '@/api/types'
import { Button } from '@/design/button'
import { CodeBlock } from '@/design/code-block'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { LinkButton } from '@/design/link-button'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './blocks.module.css'
import { Capabilities } from './capabilities'
import { type BlockField, blockFields } from './fields'
import { type LoadSnippets, loadSnippets, templateSnippet } from './snippets'
import { canBeTested, TestButton } from './test-button'
import { TypeMark } from './type-mark'

/** The page. */
export function BlockPage({ id }: { id: string }) {
  const block = useQuery(blockQuery(id))
  return (
    <QueryView
      query={block}
      placeholder={
        <Page title="Block">
          <Skeleton lines={6} />
        </Page>
      }
      errorTitle="The block could not be loaded"
    >
      {(data) => <Loaded block={data} />}
    </QueryView>
  )
}

function Loaded({ block }: { block: BlockDocument }) {
  const [isRemoving, setRemoving] = useState(false)
  const name = block.name ?? 'A block without a name'
  const type = block.block_type
  return (
    <Page
      title={name}
      heading={
        <>
          <TypeMark name={type?.name ?? ''} /> {name}
        </>
      }
      trail={
        <>
          <Link to="/blocks">Blocks</Link>
          <span aria-hidden>/</span>
          <Link to="/blocks" search={{ type: type?.slug }}>
            {type?.name}
          </Link>
        </>
      }
      actions={
        <>
          {canBeTested(block) && <TestButton block={block} name={name} />}
          <LinkButton icon={<Pencil size={15} aria-hidden />} to="/blocks/edit/$id" params={{ id: block.id }}>
            Change
          </LinkButton>
          <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setRemoving(true)}>
            Delete
          </Button>
        </>
      }
    >
      {type?.description && <p>{type.description}</p>}
      <Capabilities words={block.block_schema?.capabilities ?? []} />
      <Panel title="Values">
        <Values block={block} />
      </Panel>
      {type !== null && block.name !== null && (
        <Panel title="How flows use it">
          <div className={styles.form}>
            <LoadedBy snippets={loadSnippets(type, block.name)} />
            <p className={styles.quiet}>In job variables and in the steps that pull code:</p>
            <CodeBlock code={templateSnippet(type, block.name)} label="Template of the block" />
          </div>
        </Panel>
      )}
      <Panel title="Details">
        <Facts
          facts={[
            ['Id', <code key="id">{block.id}</code>],
            ['Type', type?.name],
            ['Version of its schema', block.block_schema?.version],
            ['Created', block.created && <Time value={block.created} />],
            ['Changed', block.updated && <Time value={block.updated} />],
          ]}
        />
      </Panel>
      {isRemoving && <DeleteDialog id={block.id} name={name} onClose={() => setRemoving(false)} />}
    </Page>
  )
}

function LoadedBy({ snippets: { own, reference } }: { snippets: LoadSnippets }) {
  return (
    <>
      {own !== null && <CodeBlock code={own} label="Python that loads the block" />}
      {reference !== null && (
        <>
          <p className={styles.quiet}>With the prefect client, which this server speaks to as well:</p>
          <CodeBlock code={reference} label="Python that loads the block by the prefect client" />
        </>
      )}
    </>
  )
}

function Values({ block }: { block: BlockDocument }) {
  const nested = nestedBlocks(block)
  const fields = blockFields(block.block_schema?.fields ?? {})
  if (fields.length === 0) return <p>Blocks of this type hold no values.</p>
  return (
    <Facts
      facts={fields.map((field) => {
        const other = nested[field.name]
        if (other === undefined)
          return [field.title, <Value key={field.name} field={field} value={block.data[field.name]} />]
        return [
          field.title,
          <Link key={field.name} to="/blocks/block/$id" params={{ id: other.id }}>
            {other.name ?? 'A block without a name'}
          </Link>,
        ]
      })}
    />
  )
}

function Value({ field, value }: { field: BlockField; value: unknown }): ReactNode {
  if (value === undefined || value === null || value === '') return <span className={styles.quiet}>Not set</span>
  if (field.isSecret) return <span title="Secrets are encrypted and not shown">•••••••• (secret)</span>
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return <pre className={styles.pre}>{JSON.stringify(value, null, 2)}</pre>
}

function DeleteDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () => deleteBlock(id),
    onSuccess: async () => {
      await navigate({ to: '/blocks' })
      client.removeQueries({ queryKey: ['blocks', 'one', id] })
      await client.invalidateQueries({ queryKey: ['blocks'] })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      description="Flows that load it, and blocks that nest it, will fail. Its secrets cannot be brought back."
      verb="Delete the block"
      done={`Deleted ${name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
