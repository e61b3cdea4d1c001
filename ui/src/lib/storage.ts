// What this browser remembers of a person's choices. Storage may be switched off: then they last as long as the page.
import { useSyncExternalStore } from 'react'

const PREFIX = 'ostinato.'
const listeners = new Set<() => void>()
const kept = new Map<string, unknown>()

/** Return what was stored under the name, or the fallback. */
export function readStored<T>(name: string, fallback: T): T {
  if (!kept.has(name)) kept.set(name, load(name))
  const value = kept.get(name)
  return value === undefined ? fallback : (value as T) // what this browser wrote itself
}

/** Store a value for this browser, or only for as long as the tab or the page lasts; undefined forgets it. */
export function writeStored(name: string, value: unknown, where: 'browser' | 'tab' | 'page' = 'browser'): void {
  kept.set(name, value)
  try {
    for (const storage of [localStorage, sessionStorage]) storage.removeItem(PREFIX + name)
    if (value !== undefined && where !== 'page')
      (where === 'tab' ? sessionStorage : localStorage).setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Kept in memory all the same.
  }
  for (const listener of listeners) listener()
}

/** A stored value as state: all who use the name follow its changes. */
export function useStored<T>(name: string, fallback: T): [T, (value: T) => void] {
  const value = useSyncExternalStore(subscribe, () => readStored(name, fallback))
  return [value, (next) => writeStored(name, next)]
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function load(name: string): unknown {
  try {
    const text = sessionStorage.getItem(PREFIX + name) ?? localStorage.getItem(PREFIX + name)
    return text === null ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}
