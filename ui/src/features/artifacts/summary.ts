// An artifact in a few words, for lists.
import type { Artifact } from '@/api/types'

import { readTable } from './table'

const MOST = 90

/** Its description; else how much of what it holds. */
export function summaryOf({ type, data, description }: Pick<Artifact, 'type' | 'data' | 'description'>): string {
  const table = type === 'table' ? readTable(data) : undefined
  if (table !== undefined)
    return joined(description, `${many(table.rows.length, 'row')}, ${many(table.columns.length, 'column')}`)
  if (type === 'progress') return joined(description, `${Number(data).toLocaleString('en')} %`)
  if (description) return cut(description)
  return type === 'markdown' && typeof data === 'string' ? cut(data.replace(/[#*_`>|-]+/g, ' ').trim()) : ''
}

function many(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

function joined(description: string | null, measure: string): string {
  return description ? `${cut(description)}: ${measure}` : measure
}

function cut(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? ''
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line
}
