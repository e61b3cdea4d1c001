// The data of a table artifact as rows: a list of objects, a list of lists, or an object of columns, as JSON or as its text.

export interface TableData {
  columns: string[]
  rows: Record<string, unknown>[]
}

/** Read the data; undefined where they are no table. */
export function readTable(data: unknown): TableData | undefined {
  const value = typeof data === 'string' ? parsed(data) : data
  if (Array.isArray(value)) return ofRows(value)
  if (typeof value === 'object' && value !== null) return ofColumns(value as Record<string, unknown>)
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function ofRows(given: unknown[]): TableData | undefined {
  const rows = given.map((row) => (typeof row === 'object' && row !== null ? { ...row } : { value: row }))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { columns, rows }
}

function ofColumns(given: Record<string, unknown>): TableData | undefined {
  const columns = Object.keys(given)
  const values = Object.values(given)
  if (!values.every((column) => Array.isArray(column))) return { columns, rows: [given] }
  const length = Math.max(0, ...values.map((column) => column.length))
  const rows = Array.from({ length }, (_, at) =>
    Object.fromEntries(columns.map((name, place) => [name, values[place]?.[at] as unknown])),
  )
  return { columns, rows }
}

/** A value of a cell in words. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
