// When runs started and how long they took: a point each. Drawing over a part of it narrows the time to that.
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react'

import { MOST_POINTS } from '@/api/flow-runs'
import type { RunPoint } from '@/api/types'
import { useZone } from '@/design/time'
import { formatDuration, formatInstant } from '@/lib/time'

import { nearestPoint, type PlacedPoint, placePoints } from './scatter-layout'
import styles from './scatter.module.css'

/** Pixels around a point in which it is meant, and from which on a movement is drawing. */
const REACH = 14
const DRAWN = 8

interface RunsScatterProps {
  runs: readonly RunPoint[]
  /** How many match in all, once that is known. */
  count: number | undefined
  /** The time that is asked for, as ISO texts. */
  after?: string | null
  before?: string | null
  onSpan: (since: string, until: string) => void
}

/** The plot. */
export function RunsScatter({ runs, count, after, before, onSpan }: RunsScatterProps) {
  const scatter = useMemo(() => placePoints(runs, after, before), [runs, after, before])
  const [zone] = useZone()
  const [at, setAt] = useState<number | null>(null)
  const span = useSpan(scatter.start, scatter.end, onSpan)
  const navigate = useNavigate()
  const shown = at === null ? undefined : scatter.points[at]
  const open = () => shown && void navigate({ to: '/runs/flow-run/$id', params: { id: shown.run.id } })
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    const place = { x: event.clientX - left, y: event.clientY - top }
    setAt(nearestPoint(scatter.points, place, { width, height }, REACH))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepOf(event.key, at, scatter.points.length)
    if (event.key === 'Enter') open()
    else if (event.key === 'Escape') setAt(null)
    else if (next === undefined) return
    else setAt(next)
    event.preventDefault()
  }
  return (
    <figure className={styles.figure}>
      <div
        role="application"
        aria-roledescription="plot"
        aria-label={`${scatter.points.length.toLocaleString('en')} runs by start and duration. Arrow keys go from run to run, Enter opens one.`}
        tabIndex={0}
        className={styles.plot}
        data-pointing={shown !== undefined || undefined}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
        onPointerDown={span.begin}
        onPointerMove={(event) => {
          span.move(event)
          point(event)
        }}
        onPointerUp={() => {
          if (!span.finish()) open()
        }}
        onPointerCancel={span.cancel}
        onPointerLeave={() => setAt(null)}
      >
        {scatter.durations.map(({ seconds, y }) => (
          <span key={seconds} className={styles.line} style={{ bottom: `${y * 100}%` }}>
            <span>{formatDuration(seconds)}</span>
          </span>
        ))}
        <Points points={scatter.points} />
        {shown && <span className={styles.ring} style={{ left: `${shown.x * 100}%`, bottom: `${shown.y * 100}%` }} />}
        {span.drawn && (
          <span
            className={styles.brush}
            style={{ left: `${span.drawn[0] * 100}%`, width: `${(span.drawn[1] - span.drawn[0]) * 100}%` }}
          />
        )}
        {shown && <Tip point={shown} zone={zone} />}
      </div>
      <figcaption className={styles.axis}>
        <span>{formatInstant(new Date(scatter.start).toISOString(), zone, 'minute')}</span>
        <span className={styles.said}>
          {count !== undefined && count > runs.length && runs.length >= MOST_POINTS
            ? `The latest ${MOST_POINTS.toLocaleString('en')} of ${count.toLocaleString('en')}; draw over a part to see all of it`
            : 'Draw over a part to see it closer'}
        </span>
        <span>{formatInstant(new Date(scatter.end).toISOString(), zone, 'minute')}</span>
      </figcaption>
      <span className="visually-hidden" role="status">
        {shown && describe(shown, zone)}
      </span>
    </figure>
  )
}

/** Made once for the runs, and not again with each movement of the pointer. */
function Points({ points }: { points: readonly PlacedPoint[] }) {
  return useMemo(
    () =>
      points.map(({ run, kind, x, y }) => (
        <span
          key={run.id}
          className={styles.point}
          data-kind={kind}
          style={{ left: `${x * 100}%`, bottom: `${y * 100}%` }}
        />
      )),
    [points],
  )
}

function Tip({ point, zone }: { point: PlacedPoint; zone: 'local' | 'utc' }) {
  const { run, x, y } = point
  return (
    <span
      className={styles.tip}
      aria-hidden
      data-side={x > 0.5 ? 'left' : 'right'}
      style={{ left: `${x * 100}%`, bottom: `${Math.min(y, 0.6) * 100}%` }}
    >
      <strong>{run.name}</strong>
      <span>
        {run.state_name ?? run.state_type} · {formatDuration(run.duration)}
      </span>
      <span>{formatInstant(run.timestamp, zone)}</span>
    </span>
  )
}

function describe({ run }: PlacedPoint, zone: 'local' | 'utc'): string {
  return `${run.name}, ${run.state_name ?? run.state_type}, ${formatDuration(run.duration)}, ${formatInstant(run.timestamp, zone)}`
}

/** The point to which a key leads; undefined for a key that leads nowhere. */
function stepOf(key: string, at: number | null, count: number): number | undefined {
  if (count === 0) return undefined
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min((at ?? -1) + 1, count - 1)
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max((at ?? count) - 1, 0)
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : undefined
}

/** A part of the width that is being drawn over: its ends from 0 to 1. */
function useSpan(start: number, end: number, onSpan: RunsScatterProps['onSpan']) {
  const from = useRef<number | null>(null)
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null)
  const share = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return width === 0 ? 0 : Math.min(1, Math.max(0, (event.clientX - left) / width))
  }
  const isDrawing = (event: PointerEvent<HTMLDivElement>, to: number) =>
    from.current !== null && Math.abs(to - from.current) * event.currentTarget.clientWidth >= DRAWN
  const cancel = () => {
    from.current = null
    setDrawn(null)
  }
  return {
    drawn,
    cancel,
    begin: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0) return
      from.current = share(event)
      event.currentTarget.setPointerCapture?.(event.pointerId)
    },
    move: (event: PointerEvent<HTMLDivElement>) => {
      const to = share(event)
      if (from.current !== null && isDrawing(event, to))
        setDrawn([Math.min(from.current, to), Math.max(from.current, to)])
    },
    /** Return whether something was drawn; else it was a click. */
    finish: () => {
      if (drawn !== null) {
        const [since, until] = drawn.map((part) => new Date(start + part * (end - start)).toISOString())
        if (since !== undefined && until !== undefined) onSpan(since, until)
      }
      cancel()
      return drawn !== null
    },
  }
}
