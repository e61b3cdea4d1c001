// A table artifact: only the rows in sight are drawn, so that it may have very many.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'

import styles from './artifacts.module.css'
import { cellText, type TableData } from './table'

const ROW_HEIGHT = 34

/** The table in a box of its own, which scrolls both ways. */
export function TableView({ table: { columns, rows }, label }: { table: TableData; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const end = (items.at(-1)?.index ?? -1) + 1
  return (
    <div ref={box} className={styles.tableBox} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.data} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr aria-hidden style={{ height: first * ROW_HEIGHT }} />}
          {rows.slice(first, end).map((row, index) => (
            <tr key={first + index} aria-rowindex={first + index + 2}>
              {columns.map((name) => (
                <td key={name} data-number={typeof row[name] === 'number' || undefined} title={cellText(row[name])}>
                  {cellText(row[name])}
                </td>
              ))}
            </tr>
          ))}
          {end < rows.length && <tr aria-hidden style={{ height: (rows.length - end) * ROW_HEIGHT }} />}
        </tbody>
      </table>
    </div>
  )
}
