// Colours that programs write for terminals, as pieces of text. What is not a colour is taken out.

export interface Piece {
  text: string
  /** One of the eight colours of terminals, or none. */
  color?: number
  isBold?: boolean
}

// What begins with ESC: colours end with m, other orders with another letter.
// eslint-disable-next-line no-control-regex
const SEQUENCE = /\u001b\[([0-9;]*)([A-Za-z])/g

/** Take a line apart. */
export function readAnsi(line: string): Piece[] {
  if (!line.includes('\u001b')) return [{ text: line }]
  const pieces: Piece[] = []
  let style: Omit<Piece, 'text'> = {}
  let at = 0
  for (const found of line.matchAll(SEQUENCE)) {
    if (found.index > at) pieces.push({ text: line.slice(at, found.index), ...style })
    if (found[2] === 'm') style = styleAfter(style, found[1] ?? '')
    at = found.index + found[0].length
  }
  if (at < line.length) pieces.push({ text: line.slice(at), ...style })
  return pieces
}

function styleAfter(style: Omit<Piece, 'text'>, codes: string): Omit<Piece, 'text'> {
  let next = style
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) next = {}
    else if (code === 1) next = { ...next, isBold: true }
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 }
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 90 }
    else if (code === 39) next = { ...next, color: undefined }
  }
  return next
}
