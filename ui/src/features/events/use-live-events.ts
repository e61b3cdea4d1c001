// New events while the feed is shown: gathered, so that a storm of them is drawn twice a second and no more.
import { useEffect, useState } from 'react'

import { followEvents } from '@/api/event-channels'
import type { Event, EventFilter } from '@/api/types'

const DRAW_EVERY = 500
/** Events that are kept: what is older is asked of the server. */
const MOST = 500

/** The events that have come since, the latest first. `key` tells one filter from another. */
export function useLiveEvents(filter: EventFilter, isOn: boolean): readonly Event[] {
  const key = JSON.stringify(filter)
  const [come, setCome] = useState<{ key: string; events: readonly Event[] }>({ key, events: [] })
  useEffect(() => {
    if (!isOn) return
    let waiting: Event[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      timer = undefined
      const fresh = waiting.reverse()
      waiting = []
      setCome((known) => ({ key, events: [...fresh, ...(known.key === key ? known.events : [])].slice(0, MOST) }))
    }
    const stop = followEvents({
      filter: JSON.parse(key) as EventFilter,
      onEvent: (event) => {
        waiting.push(event)
        timer ??= setTimeout(draw, DRAW_EVERY)
      },
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [key, isOn])
  return come.key === key ? come.events : []
}
