// What the address says about logs.
import { oneOf, text } from '@/lib/search'

export const LEVELS = ['all', 'debug', 'info', 'warning', 'error'] as const
export type Level = (typeof LEVELS)[number]
export const LEVEL_NUMBERS: Record<Level, number> = { all: 0, debug: 10, info: 20, warning: 30, error: 40 }

export interface LogsSearch {
  level?: Level
  q?: string
  /** How `q` is read: as words, or as a regular expression. */
  match?: 'pattern'
  /** Whose lines: those of a task run, by its id, or of the flow itself. */
  by?: string
  /** Where reading begins: at a time, or at an end. */
  at?: string
}

/** Read an address. */
export function readLogsSearch(raw: Record<string, unknown>): LogsSearch {
  return {
    level: oneOf(raw, 'level', LEVELS),
    q: text(raw, 'q'),
    match: oneOf(raw, 'match', ['pattern']),
    by: readBy(raw),
    at: readAt(raw),
  }
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function readBy(raw: Record<string, unknown>): string | undefined {
  const by = text(raw, 'by')
  return by === 'flow' || (by !== undefined && ID.test(by)) ? by : undefined
}

function readAt(raw: Record<string, unknown>): string | undefined {
  const at = text(raw, 'at')
  if (at === 'start' || at === 'end') return at
  return at !== undefined && !Number.isNaN(Date.parse(at)) ? at : undefined
}
