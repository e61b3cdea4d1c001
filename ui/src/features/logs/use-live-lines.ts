// Lines that come while somebody looks: told by a socket, and asked for where the socket does not say enough.
import { useEffect, useRef, useState } from 'react'

import { followLogs, type LogsAsked, placeOf, readLogs } from '@/api/logs'
import type { Log, LogPlace } from '@/api/types'

const GATHER = 100
const CATCH_UP_EVERY = 500
/** Lines in one moment from which on the socket may have left some out. */
const BURST = 100
/** Lines kept of a run that is watched; with more, reading begins anew at the end. */
const MOST = 10_000

interface LiveLines {
  lines: Log[]
  names: Record<string, string>
}
const NONE: LiveLines = { lines: [], names: {} }

interface LiveOptions {
  asked: LogsAsked
  /** Whether lines may still come. */
  isLive: boolean
  /** The last line of what is stored, null where there is none, undefined until that is known. */
  end: LogPlace | null | undefined
  onTooMany: () => void
}

/** The lines that have come since the end of what was stored, in the order of their times. */
export function useLiveLines({ asked, isLive, end, onTooMany }: LiveOptions): LiveLines {
  const [found, setFound] = useState(NONE)
  const latest = useRef({ end, onTooMany })
  useEffect(() => {
    latest.current = { end, onTooMany }
  })
  useEffect(() => {
    setFound(NONE)
    if (!isLive) return
    const lines = new LineFeed(
      asked,
      () => latest.current.end,
      (next) => {
        if (next.lines.length > MOST) latest.current.onTooMany()
        else setFound(next)
      },
    )
    return () => lines.stop()
  }, [asked, isLive])
  return found
}

/** Gathers lines from the socket, and asks for what it may have left out: after a break, in a burst, or in a search. */
class LineFeed {
  private readonly known = new Map<string, Log>()
  private names: Record<string, string> = {}
  private readonly asking = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined
  private catchUpTimer: ReturnType<typeof setTimeout> | undefined
  private moment = 0
  /** Up to where lines have been asked for. */
  private reached: LogPlace | null = null
  private readonly close: () => void

  constructor(
    private readonly asked: LogsAsked,
    private readonly end: () => LogPlace | null | undefined,
    private readonly show: (found: LiveLines) => void,
  ) {
    this.close = followLogs(
      asked,
      (line) => this.note(line),
      (status) => status === 'open' && this.planCatchUp(),
    )
  }

  stop(): void {
    this.close()
    this.asking.abort()
    clearTimeout(this.timer)
    clearTimeout(this.catchUpTimer)
  }

  private note(line: Log): void {
    this.moment += 1
    const isUnnamed = line.task_run_id !== null && !(line.task_run_id in this.names)
    // What a search finds, the server says.
    if (this.asked.search !== undefined || isUnnamed || this.moment >= BURST) this.planCatchUp()
    if (this.asked.search === undefined) this.add([line])
  }

  private add(lines: Log[]): void {
    for (const line of lines) this.known.set(line.id, line)
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.moment = 0
      this.show({ lines: [...this.known.values()].sort(byTime), names: this.names })
    }, GATHER)
  }

  private planCatchUp(): void {
    this.catchUpTimer ??= setTimeout(() => void this.catchUp(), CATCH_UP_EVERY)
  }

  private async catchUp(): Promise<void> {
    const end = this.end()
    if (end !== undefined) {
      try {
        await this.readFrom(this.reached ?? end)
      } catch {
        // Left to the next occasion: the lines are on the server.
        if (this.asking.signal.aborted) return
      }
    }
    this.catchUpTimer = undefined
    if (end === undefined) this.planCatchUp()
  }

  private async readFrom(after: LogPlace | null): Promise<void> {
    for (;;) {
      const page = await readLogs(this.asked, { isBackwards: false, after }, this.asking.signal)
      this.names = { ...this.names, ...page.names }
      this.reached = placeOf(page.lines.at(-1)) ?? this.reached
      this.add(page.lines)
      if (page.after === null || this.known.size > MOST) return
      after = page.after
    }
  }
}

function byTime(one: Log, other: Log): number {
  // Without the Z, so that a whole second comes before its parts.
  const [a, b] = [one.timestamp.slice(0, -1), other.timestamp.slice(0, -1)]
  return a < b ? -1 : a > b ? 1 : one.id < other.id ? -1 : 1
}
