// How many runs there were when, by their states: stacked bars, and the sums as links to the runs themselves.
import { Link } from '@tanstack/react-router'

import type { HistoryInterval } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { kindOf, KINDS, StateGlyph, type StateKind } from '@/design/states'
import { useZone } from '@/design/time'
import type { StateWord } from '@/features/flow-runs/public'
import { formatInstant } from '@/lib/time'

import styles from './activity.module.css'
import type { DashboardRange } from './search'

const HEIGHT = 96
const WORDS: Record<StateKind, StateWord> = {
  completed: 'COMPLETED',
  running: 'RUNNING',
  failed: 'FAILED',
  crashed: 'CRASHED',
  cancelled: 'CANCELLED',
  scheduled: 'SCHEDULED',
  late: 'Late',
  pending: 'PENDING',
  paused: 'PAUSED',
}
/** From the bottom: what went well carries the rest. */
const ORDER: readonly StateKind[] = [
  'completed',
  'running',
  'pending',
  'scheduled',
  'paused',
  'cancelled',
  'late',
  'crashed',
  'failed',
]
const SNIPPET = 'python my_flow.py          # a script with a flow\nostinato deployment run NAME   # or a deployment'

interface ActivityProps {
  intervals: readonly HistoryInterval[]
  range: DashboardRange
  tags: string[] | undefined
}

/** The chart and the sums. */
export function Activity({ intervals, range, tags }: ActivityProps) {
  const bars = intervals.map(countByKind)
  const sums = new Map(KINDS.map((kind) => [kind, bars.reduce((sum, bar) => sum + (bar.counts.get(kind) ?? 0), 0)]))
  const total = [...sums.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) {
    return (
      <EmptyState title="No run in this time" snippet={SNIPPET}>
        Runs show here as they start, whoever starts them.
      </EmptyState>
    )
  }
  return (
    <>
      <ul className={styles.sums} aria-label="Runs by state">
        {ORDER.filter((kind) => sums.get(kind)).map((kind) => (
          <li key={kind}>
            <Link to="/runs" search={{ range, tags, states: [WORDS[kind]] }} className={styles.sum}>
              <StateGlyph kind={kind} size={17} />
              <strong>{sums.get(kind)?.toLocaleString('en')}</strong> {kind}
            </Link>
          </li>
        ))}
      </ul>
      <Chart bars={bars} />
    </>
  )
}

/** How many runs there were between two times, by the look of their states. */
export interface CountedBar {
  start: string
  end: string
  total: number
  counts: Map<StateKind, number>
}

/** Stacked bars over time. */
export function Chart({ bars }: { bars: readonly CountedBar[] }) {
  const [zone] = useZone()
  const most = Math.max(1, ...bars.map((bar) => bar.total))
  const first = bars[0]
  const last = bars.at(-1)
  return (
    <figure className={styles.chart}>
      <div className={styles.bars} style={{ height: HEIGHT }} aria-hidden>
        {bars.map((bar) => (
          <div key={bar.start} className={styles.bar} title={describe(bar, formatInstant(bar.start, zone, 'minute'))}>
            {ORDER.filter((kind) => bar.counts.get(kind))
              .reverse()
              .map((kind) => (
                <span
                  key={kind}
                  data-kind={kind}
                  style={{ height: `max(2px, ${((bar.counts.get(kind) ?? 0) / most) * 100}%)` }}
                />
              ))}
          </div>
        ))}
      </div>
      <figcaption className={styles.axis}>
        <span>{first && formatInstant(first.start, zone, 'minute')}</span>
        <span className={styles.most}>at most {most.toLocaleString('en')} in a bar</span>
        <span>{last && formatInstant(last.end, zone, 'minute')}</span>
      </figcaption>
    </figure>
  )
}

function countByKind(interval: HistoryInterval): CountedBar {
  const counts = new Map<StateKind, number>()
  for (const { state_type: type, state_name: name, count_runs: count } of interval.states) {
    const kind = kindOf(type, name)
    counts.set(kind, (counts.get(kind) ?? 0) + count)
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return { start: interval.interval_start, end: interval.interval_end, total, counts }
}

function describe(bar: CountedBar, start: string): string {
  const parts = [...bar.counts].map(([kind, count]) => `${count} ${kind}`)
  return `${start}: ${parts.length > 0 ? parts.join(', ') : 'none'}`
}
