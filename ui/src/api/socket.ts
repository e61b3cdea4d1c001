// A socket of the API that stays: handshake, then frames; after a break it comes back, later and later.
import { socketAddress } from './address'
import { askForPassword, authorization, onPasswordChange, password } from './auth'

const SUBPROTOCOL = 'prefect'
const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000
const REFUSED = 1008

export type SocketStatus = 'connecting' | 'open' | 'refused'

interface SocketOptions {
  path: string
  /** The first frame after the handshake, made anew for each connection. */
  greet?: () => unknown
  /** Called after that for each connection, with how to send frames on it. */
  onOpen?: (send: (frame: unknown) => void) => void
  onFrame: (frame: unknown) => void
  /** `isBack`: whether something may have been missed, because the socket was open before. */
  onStatus?: (status: SocketStatus, isBack: boolean) => void
}

/** Open the socket and keep it open; returns how to close it. */
export function openSocket({ path, greet, onOpen, onFrame, onStatus }: SocketOptions): () => void {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let wasOpen = false
  let isStopped = false
  const send = (frame: unknown) => socket?.send(JSON.stringify(frame))

  const connect = () => {
    onStatus?.('connecting', wasOpen)
    let isReady = false
    let used: string | null = null
    const own = new WebSocket(socketAddress(path), [SUBPROTOCOL])
    socket = own
    own.onopen = () => {
      used = authorization().Authorization ?? null
      send({ type: 'auth', token: password() })
    }
    own.onmessage = ({ data }) => {
      if (socket !== own) return
      const frame = JSON.parse(String(data)) as unknown
      if (isReady) return onFrame(frame)
      isReady = (frame as { type?: string }).type === 'auth_success'
      if (!isReady) return
      failures = 0
      if (greet !== undefined) send(greet())
      onOpen?.(send)
      onStatus?.('open', wasOpen)
      wasOpen = true
    }
    own.onclose = ({ code }) => {
      if (isStopped || socket !== own) return
      if (code === REFUSED) {
        askForPassword(used)
        return onStatus?.('refused', wasOpen)
      }
      onStatus?.('connecting', wasOpen)
      failures += 1
      timer = setTimeout(connect, waitAfter(failures))
    }
  }

  // What one password has opened is closed when another one counts, or none.
  const stopListening = onPasswordChange(() => {
    const before = socket
    clearTimeout(timer)
    connect()
    before?.close(1000)
  })
  connect()
  return () => {
    isStopped = true
    stopListening()
    clearTimeout(timer)
    socket?.close(1000)
  }
}

/** Milliseconds until the next attempt; spread, so that not all browsers come back at once. */
export function waitAfter(failures: number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1))
  return longest / 2 + (Math.random() * longest) / 2
}
