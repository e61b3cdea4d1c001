// How many events there were when: bars. To draw over some of them, or to choose one, narrows the feed to their time.
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'

import type { EventCount } from '@/api/types'
import { useZone } from '@/design/time'
import { formatInstant } from '@/lib/time'

import styles from './events.module.css'

interface EventChartProps {
  counts: readonly EventCount[]
  onSpan: (since: string, until: string) => void
}

/** Bars from one to another, by their places; the second may come first. */
interface Brush {
  from: number
  to: number
}

/** The chart: by keyboard, arrows go from bar to bar, with Shift they choose several, Enter narrows to these. */
export function EventChart({ counts, onSpan }: EventChartProps) {
  const [zone] = useZone()
  const [brush, setBrush] = useState<Brush | null>(null)
  const [focused, setFocused] = useState(0)
  const bars = useRef<HTMLDivElement>(null)
  const most = Math.max(1, ...counts.map(({ count }) => count))
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  const zoom = ({ from, to }: Brush) => {
    const since = counts[Math.min(from, to)]?.start_time
    const until = counts[Math.max(from, to)]?.end_time
    setBrush(null)
    if (since !== undefined && until !== undefined) onSpan(since, until)
  }
  const go = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.key === 'Escape') setBrush(null)
    if (step === undefined) return
    event.preventDefault()
    const next = Math.min(counts.length - 1, Math.max(0, focused + step))
    setFocused(next)
    setBrush(event.shiftKey ? { from: brush?.from ?? focused, to: next } : null)
    bars.current?.querySelectorAll('button')[next]?.focus()
  }
  const placeOf = ({ clientX }: PointerEvent) => {
    const { left, width } = bars.current?.getBoundingClientRect() ?? { left: 0, width: 0 }
    return Math.min(counts.length - 1, Math.max(0, Math.floor(((clientX - left) / (width || 1)) * counts.length)))
  }
  const label = ({ start_time: start, count }: EventCount) =>
    `${formatInstant(start, zone, 'minute')}: ${count.toLocaleString('en')} ${count === 1 ? 'event' : 'events'}`
  return (
    <figure aria-label={`${total.toLocaleString('en')} events by time`}>
      <div
        ref={bars}
        className={styles.bars}
        onKeyDown={go}
        onPointerDown={(event) => event.button === 0 && setBrush({ from: placeOf(event), to: placeOf(event) })}
        onPointerMove={(event) => brush !== null && event.buttons === 1 && setBrush({ ...brush, to: placeOf(event) })}
        onPointerLeave={(event) => event.buttons === 1 && setBrush(null)}
      >
        {counts.map((bar, index) => (
          <button
            key={bar.start_time}
            type="button"
            className={styles.bar}
            title={label(bar)}
            aria-label={label(bar)}
            tabIndex={index === focused ? 0 : -1}
            data-chosen={isWithin(brush, index) || undefined}
            onFocus={() => setFocused(index)}
            // A pointer that was let go over another bar makes no click: then the one below tells.
            onClick={() => zoom(brush ?? { from: index, to: index })}
            onPointerUp={() => brush !== null && brush.from !== brush.to && zoom(brush)}
          >
            <span style={{ height: bar.count === 0 ? 0 : `max(3px, ${(bar.count / most) * 100}%)` }} />
          </button>
        ))}
      </div>
      <figcaption className={styles.axis}>
        <span>{counts[0] && formatInstant(counts[0].start_time, zone, 'minute')}</span>
        <span>
          {total.toLocaleString('en')} events, at most {most.toLocaleString('en')} in a bar. Draw over bars to see these
          alone.
        </span>
        <span>{counts.length > 0 && formatInstant(counts.at(-1)?.end_time ?? '', zone, 'minute')}</span>
      </figcaption>
    </figure>
  )
}

function isWithin(brush: Brush | null, index: number): boolean {
  return brush !== null && index >= Math.min(brush.from, brush.to) && index <= Math.max(brush.from, brush.to)
}
