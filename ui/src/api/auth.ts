// The shared password of a server that asks for one: asked for when an answer is 401, kept for this browser or this tab
// alone, and sent in a header or a socket's first frame, never in an address.
import { readStored, useStored, writeStored } from '@/lib/storage'

import { apiAddress } from './address'
import { ApiError } from './errors'

const PASSWORD = 'auth'
const WANTED = 'auth-wanted'
const TIMEOUT = 15_000
const listeners = new Set<() => void>()

/** The `user:password` that was given, or null. */
export function password(): string | null {
  return readStored<string | null>(PASSWORD, null)
}

/** The header that carries the password; none where none was given. */
export function authorization(given = password()): Record<string, string> {
  if (given === null) return {}
  return { Authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(given)))}` }
}

/** Note that the server has refused a request with this header, unless another password was given since. */
export function askForPassword(used: string | null): void {
  if (used !== (authorization().Authorization ?? null)) return
  if (!readStored(WANTED, false)) writeStored(WANTED, true, 'page')
}

/** Whether the password must be asked for. */
export function usePasswordWanted(): boolean {
  return useStored(WANTED, false)[0]
}

/** Whether a password was given. */
export function useIsLoggedIn(): boolean {
  return useStored<string | null>(PASSWORD, null)[0] !== null
}

/** Try a password, and keep it if the server takes it: until the log-out, or as long as the tab. Errors: ApiError. */
export async function logIn(given: string, stays: boolean): Promise<void> {
  const request = { headers: authorization(given), signal: AbortSignal.timeout(TIMEOUT) }
  const response = await fetch(`${apiAddress()}/version`, request).catch(() => {
    throw new ApiError(0, 'The server cannot be reached.')
  })
  if (response.status === 401) throw new ApiError(401, 'The server does not take this password.')
  if (!response.ok) throw new ApiError(response.status, 'The server cannot say whether this is its password.')
  writeStored(PASSWORD, given, stays ? 'browser' : 'tab')
  writeStored(WANTED, false, 'page')
  for (const listener of listeners) listener()
}

/** Forget the password. */
export function logOut(): void {
  writeStored(PASSWORD, undefined)
  writeStored(WANTED, true, 'page')
  for (const listener of listeners) listener()
}

/** Call a listener when another password counts; returns how to stop. */
export function onPasswordChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
