// Reading what an address says after its `?`: anybody can type there, so what does not fit counts as not said.

type Raw = Record<string, unknown>

/** The text under a name; undefined where there is none. */
export function text(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The texts under a name, one or several. */
export function texts(raw: Raw, name: string): string[] | undefined {
  const value = raw[name]
  const found = (Array.isArray(value) ? value : [value]).filter(
    (each): each is string => typeof each === 'string' && each !== '',
  )
  return found.length > 0 ? found : undefined
}

/** One of the words allowed; undefined where another one stands there. */
export function oneOf<T extends string>(raw: Raw, name: string, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === raw[name])
}

/** A whole number of at least 1, such as a page. */
export function positive(raw: Raw, name: string): number | undefined {
  const value = Number(raw[name])
  return Number.isInteger(value) && value >= 1 ? value : undefined
}
