// The beginning of what an artifact holds, for cards: to be seen, not used, so that no key leads into it.
import type { Artifact } from '@/api/types'

import { ArtifactContent } from './artifact-content'
import styles from './artifacts-grid.module.css'
import { summaryOf } from './summary'
import { cellText, readTable, type TableData } from './table'

const ROWS = 5
const COLUMNS = 4
const CHARACTERS = 1200

type Shown = Pick<Artifact, 'type' | 'data' | 'key'>

/** The glance; where it is cut off it fades. */
export function ArtifactGlance({ artifact }: { artifact: Shown }) {
  const table = artifact.type === 'table' ? readTable(artifact.data) : undefined
  return (
    <>
      {table !== undefined && <p className={styles.measure}>{summaryOf({ ...artifact, description: null })}</p>}
      <div className={styles.glance} inert>
        {table === undefined ? <ArtifactContent artifact={beginningOf(artifact)} /> : <FirstRows table={table} />}
      </div>
    </>
  )
}

/** Text is cut before it is read, so that a page of long ones opens at once; what an image is is no text. */
function beginningOf(artifact: Shown): Shown {
  const { type, data } = artifact
  if (type === 'image') return artifact
  const text = typeof data === 'string' ? data : JSON.stringify(data, null, 2)
  return text.length <= CHARACTERS ? artifact : { ...artifact, data: text.slice(0, CHARACTERS) }
}

function FirstRows({ table: { columns, rows } }: { table: TableData }) {
  const shown = columns.slice(0, COLUMNS)
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          {shown.map((name) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, ROWS).map((row, index) => (
          <tr key={index}>
            {shown.map((name) => (
              <td key={name}>{cellText(row[name])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
