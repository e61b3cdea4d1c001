// Lists of words as people type them.

/** The words of a text with commas between them. */
export function readWords(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
