// A line of a log as pieces that are drawn alike: its colours, links in it, and what was searched for.
import { type Piece, readAnsi } from './ansi'

export interface LogPiece extends Piece {
  href?: string
  isFound?: boolean
}

const LINK = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/g
/** What is searched for is shown in lines up to this length. */
const LONGEST = 20_000

/** Take a line apart; `found` marks what was searched for, and must be global. */
export function readLogText(line: string, found: RegExp | null): LogPiece[] {
  const pieces = readAnsi(line).flatMap((piece) => split(piece, LINK, (text) => ({ href: text })))
  if (found === null || line.length > LONGEST) return pieces
  return pieces.flatMap((piece) => split(piece, found, () => ({ isFound: true })))
}

function split(piece: LogPiece, at: RegExp, mark: (text: string) => Partial<LogPiece>): LogPiece[] {
  const parts: LogPiece[] = []
  let end = 0
  for (const { 0: text, index } of piece.text.matchAll(at)) {
    if (text === '') continue
    if (index > end) parts.push({ ...piece, text: piece.text.slice(end, index) })
    parts.push({ ...piece, text, ...mark(text) })
    end = index + text.length
  }
  if (parts.length === 0) return [piece]
  if (end < piece.text.length) parts.push({ ...piece, text: piece.text.slice(end) })
  return parts
}

/** What marks a search in the lines that it found: words as the server reads them, or a regular expression. */
export function marksOf(search: string | undefined, isPattern: boolean): RegExp | null {
  if (search === undefined) return null
  try {
    return new RegExp(isPattern ? search : wordsOf(search).map(escape).join('|') || '(?!)', 'gi')
  } catch {
    return null // The server's expressions are not quite the browser's.
  }
}

/** The words that lines must hold: without those that they must not. */
function wordsOf(search: string): string[] {
  return [...search.matchAll(/([-!+]?)(?:"([^"]+)"?|([^\s"]+))/g)]
    .filter(([, sign]) => sign === '' || sign === '+')
    .map(([, , phrase, word]) => phrase ?? word ?? '')
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
