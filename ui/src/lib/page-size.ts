// How many rows the pages of lists have: what an address says, else what was chosen last in this browser.
import { positive } from './search'
import { readStored, writeStored } from './storage'

const NAME = 'page-size'

export const PAGE_SIZES = [25, 50, 100, 200] as const

/** The size that was chosen last, if it is one of those offered. */
export function keptPageSize(sizes: readonly number[] = PAGE_SIZES): number | undefined {
  const kept = readStored<number | undefined>(NAME, undefined)
  return sizes.find((size) => size === kept)
}

/** Remember a size that somebody chose. */
export function keepPageSize(size: number): void {
  writeStored(NAME, size)
}

/** The size that an address says, if it is one of those offered. */
export function saidPageSize(raw: Record<string, unknown>, sizes: readonly number[] = PAGE_SIZES): number | undefined {
  const said = positive(raw, 'limit')
  return sizes.find((size) => size === said)
}
