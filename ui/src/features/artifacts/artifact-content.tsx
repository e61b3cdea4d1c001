// What an artifact holds, as its type wants it shown.
import type { Artifact } from '@/api/types'
import { CodeBlock, JsonBlock } from '@/design/code-block'
import { Markdown } from '@/design/markdown'
import { Meter } from '@/design/meter'

import styles from './artifacts.module.css'
import { readTable } from './table'
import { TableView } from './table-view'

/** What an image may come from: never an address that runs something. */
const IMAGE = /^(https?:|data:image\/)/i

/** The content; what does not fit its type is shown as it is. */
export function ArtifactContent({ artifact }: { artifact: Pick<Artifact, 'type' | 'data' | 'key'> }) {
  const { type, data } = artifact
  const name = artifact.key ?? 'Artifact'
  if (type === 'markdown' && typeof data === 'string') return <Markdown text={data} />
  const table = type === 'table' ? readTable(data) : undefined
  if (table !== undefined) return <TableView table={table} label={name} />
  if (type === 'progress' && !Number.isNaN(Number(data)))
    return <Meter label={name} value={Number(data)} max={100} text={`${Number(data).toLocaleString('en')} %`} />
  if (type === 'image' && typeof data === 'string' && IMAGE.test(data))
    return <img src={data} alt={name} className={styles.image} referrerPolicy="no-referrer" />
  if (typeof data === 'string') return <CodeBlock code={data} label={name} />
  return <JsonBlock value={data} label={name} />
}
