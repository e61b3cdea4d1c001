// Reading JSON that a person has typed.

/** A value as it is shown for editing. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** The value of a text, or in words why it is no JSON. */
export function readJson(
  text: string,
): { value: unknown; problem?: undefined } | { value?: undefined; problem: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: `This is not JSON: ${(error as Error).message}` } // JSON.parse throws SyntaxErrors only
  }
}

/** The members of a text that is a JSON object, or in words why it is none. */
export function readJsonObject(
  text: string,
): { value: Record<string, unknown>; problem?: undefined } | { value?: undefined; problem: string } {
  const read = readJson(text)
  if (read.problem !== undefined) return read
  if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value))
    return { problem: 'It must be a JSON object: {"name": "value"}.' }
  return { value: read.value as Record<string, unknown> }
}

/** Whether two values are the same as JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
