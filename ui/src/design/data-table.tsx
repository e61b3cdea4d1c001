// Tables: columns are declared once; on a narrow screen each row becomes a card. Long ones draw only the rows in sight.
import { type ColumnDef, createColumnHelper, type RowData, tableFeatures, useTable } from '@tanstack/react-table'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'

import styles from './data-table.module.css'

const features = tableFeatures({})
/** From this many rows on, only those in sight are drawn. */
const MANY = 80
const ROW_HEIGHT = 53

// Any: columns of one table have values of different types.
export type Columns<T extends RowData> = ColumnDef<typeof features, T, any>[] // eslint-disable-line @typescript-eslint/no-explicit-any

/** Return the helper that declares the columns of rows of a type; call it at the top of a module. */
export function columnsOf<T extends RowData>() {
  return createColumnHelper<typeof features, T>()
}

interface DataTableProps<T extends RowData> {
  /** What the table holds, for those who hear it. */
  caption: string
  columns: Columns<T>
  rows: T[]
  rowKey: (row: T) => string
}

/** A table of rows. */
export function DataTable<T extends RowData>({ caption, columns, rows, rowKey }: DataTableProps<T>) {
  const table = useTable({ features, columns, data: rows, getRowId: rowKey })
  const all = table.getRowModel().rows
  const body = useRef<HTMLTableSectionElement>(null)
  const { shown, before, after } = useWindow(body, all.length)
  return (
    <table className={styles.table} aria-rowcount={all.length + 1}>
      <caption className="visually-hidden">{caption}</caption>
      <thead className={styles.head}>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => (
              <th key={header.id} scope="col">
                <table.FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody ref={body}>
        {before > 0 && <tr aria-hidden style={{ height: before }} />}
        {all.slice(shown.from, shown.to).map((row, index) => (
          <tr key={row.id} className={styles.row} aria-rowindex={shown.from + index + 2}>
            {row.getAllCells().map((cell) => (
              <td
                key={cell.id}
                data-label={typeof cell.column.columnDef.header === 'string' ? cell.column.columnDef.header : undefined}
              >
                <table.FlexRender cell={cell} />
              </td>
            ))}
          </tr>
        ))}
        {after > 0 && <tr aria-hidden style={{ height: after }} />}
      </tbody>
    </table>
  )
}

/** Which rows to draw, and how high the room is before and after them. */
function useWindow(body: React.RefObject<HTMLElement | null>, count: number) {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (body.current !== null) setTop(body.current.getBoundingClientRect().top + window.scrollY)
  }, [body, count])
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
    scrollMargin: top,
    enabled: count > MANY,
  })
  if (count <= MANY) return { shown: { from: 0, to: count }, before: 0, after: 0 }
  const items = virtual.getVirtualItems()
  const from = items[0]?.index ?? 0
  const to = (items.at(-1)?.index ?? -1) + 1
  return { shown: { from, to }, before: from * ROW_HEIGHT, after: (count - to) * ROW_HEIGHT }
}
