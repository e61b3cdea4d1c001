// One measured number and its target.

/** A number, and the seconds of processor time that it took the browser and the server, which depend less on what else runs. */
export interface Cost {
  value: number
  cpu: number | null
}

export interface Figure extends Cost {
  what: string
  unit: string
  /** The target: what `value` may be at most, in the same unit. Null for what is only told. */
  most: number | null
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Measure so many times; the middle of what was found. */
export async function middleOf(rounds: number, measure: () => Promise<Cost>): Promise<Cost> {
  const found: Cost[] = []
  for (let round = 0; round < rounds; round += 1) found.push(await measure())
  return middle(found)
}

/** The middle of what was found. */
export function middle(found: readonly Cost[]): Cost {
  return { value: median(found.map(({ value }) => value)), cpu: median(found.flatMap(({ cpu }) => cpu ?? [])) }
}

/** A number that is no time. */
export function plain(value: number): Cost {
  return { value, cpu: null }
}
