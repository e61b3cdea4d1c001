// Labels that a resource must have: a line for each, with its values; `*` stands for anything, a leading `!` for not.

export type Labels = Record<string, string | string[]>

export const ID = 'prefect.resource.id'
export const ROLE = 'prefect.resource.role'

/** The labels but one. */
export function without(labels: Labels, label: string): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([each]) => each !== label))
}

/** `label = value, value`, a line for each label. */
export function writeLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([label, values]) => `${label} = ${[values].flat().join(', ')}`)
    .join('\n')
}

/** Read such lines; undefined where one of them is none. */
export function readLabels(text: string): Labels | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const pairs = lines.map((line) => /^\s*([^=\s]+)\s*=\s*(\S.*?)\s*$/.exec(line))
  if (pairs.includes(null)) return undefined
  return Object.fromEntries(
    pairs.map((pair) => {
      const values = (pair?.[2] ?? '').split(',').map((value) => value.trim())
      return [pair?.[1] ?? '', values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}
