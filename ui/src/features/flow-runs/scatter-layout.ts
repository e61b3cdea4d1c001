// Where runs stand in a plot of start and duration: shares of its width and height, and what its axes say.
import type { RunPoint } from '@/api/types'
import { kindOf, type StateKind } from '@/design/states'

export interface PlacedPoint {
  run: RunPoint
  kind: StateKind
  /** From the left and from the bottom, 0 to 1. */
  x: number
  y: number
}

export interface Scatter {
  points: readonly PlacedPoint[]
  /** Milliseconds at the left and at the right. */
  start: number
  end: number
  /** Lines across: seconds, and how high each is, 0 to 1. */
  durations: readonly { seconds: number; y: number }[]
}

/** Spans that people think in, in seconds. */
const STEPS = [0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400]
const SHORTEST = 1
const MINUTE = 60_000

/**
 * Place runs in the time from `after` to `before` (ISO texts), or that of the runs where one is not given. Durations
 * grow by orders of magnitude, so that the short ones are told apart beside the long.
 */
export function placePoints(runs: readonly RunPoint[], after?: string | null, before?: string | null): Scatter {
  const times = runs.map(({ timestamp }) => Date.parse(timestamp))
  const start = after ? Date.parse(after) : Math.min(...times, Infinity)
  const end = before ? Date.parse(before) : Math.max(...times, -Infinity)
  const [left, right] = end - start >= MINUTE ? [start, end] : [end - MINUTE, end]
  const longest = Math.max(SHORTEST, ...runs.map(({ duration }) => duration))
  const height = (seconds: number) => Math.log1p(Math.max(0, seconds) * 10) / Math.log1p(longest * 10)
  const points = runs
    .map((run, index) => ({
      run,
      kind: kindOf(run.state_type, run.state_name),
      x: ((times[index] ?? left) - left) / (right - left),
      y: height(run.duration),
    }))
    .filter(({ x }) => x >= 0 && x <= 1)
    .sort((one, other) => one.x - other.x)
  const steps = STEPS.filter((seconds) => seconds <= longest).slice(-4)
  return { points, start: left, end: right, durations: steps.map((seconds) => ({ seconds, y: height(seconds) })) }
}

/** The point that is nearest to a place, within a distance; places and distances in pixels of a plot of that size. */
export function nearestPoint(
  points: readonly PlacedPoint[],
  place: { x: number; y: number },
  size: { width: number; height: number },
  within: number,
): number | null {
  let nearest: number | null = null
  let least = within
  points.forEach((point, index) => {
    const distance = Math.hypot(point.x * size.width - place.x, (1 - point.y) * size.height - place.y)
    if (distance <= least) {
      least = distance
      nearest = index
    }
  })
  return nearest
}
