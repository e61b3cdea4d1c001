// The last runs of an object as small bars, the latest at the end: as high as they ran long, in the colours of states.
import { Link } from '@tanstack/react-router'

import type { Activity, RunPoint } from '@/api/types'
import { kindOf, StateBadge } from '@/design/states'
import { Duration, Time } from '@/design/time'
import { formatDuration } from '@/lib/time'

import styles from './activity-bars.module.css'
import type { RunsSearch } from './search'

/** Of the height: the shortest run is seen, too. */
const LEAST = 0.22

interface ActivityBarsProps {
  /** The latest first. */
  runs: readonly RunPoint[]
  /** Whose runs they are, as the address of the runs page would say it: the bars lead there. */
  of: RunsSearch
  isLarge?: boolean
}

/** The bars; nothing where nothing ran. */
export function ActivityBars({ runs, of, isLarge = false }: ActivityBarsProps) {
  if (runs.length === 0) return null
  const longest = Math.max(...runs.map(({ duration }) => Number(duration)), Number.MIN_VALUE)
  return (
    <Link to="/runs" search={of} className={styles.bars} data-large={isLarge || undefined} aria-label={inWords(runs)}>
      {runs.toReversed().map((run) => (
        <span
          key={run.id}
          className={styles.bar}
          title={describe(run)}
          style={{
            height: `${heightOf(Number(run.duration) / longest) * 100}%`,
            background: `var(--${kindOf(run.state_type, run.state_name)}-solid)`,
          }}
        />
      ))}
    </Link>
  )
}

/** What ran last: its state, and when; or that nothing did. */
export function LastRun({ activity }: { activity: Activity | undefined }) {
  if (activity === undefined) return null
  const { runs } = activity
  const last = runs.find(({ state_type }) => state_type !== 'SCHEDULED')
  if (last === undefined)
    return (
      <span className={styles.quiet}>
        {runs.length === 0 ? 'has not run yet' : `none of the last ${runs.length} has begun`}
      </span>
    )
  return (
    <span className={styles.lines}>
      <StateBadge type={last.state_type} name={last.state_name} />
      <Link to="/runs/flow-run/$id" params={{ id: last.id }} className={styles.quiet} title={last.name}>
        <Time value={last.timestamp} look="relative" />
        {Number(last.duration) > 0 && (
          <>
            {', '}
            <Duration seconds={Number(last.duration)} />
          </>
        )}
      </Link>
    </span>
  )
}

/** The run that comes next, and since when it is late. */
export function NextRun({ activity }: { activity: Activity | undefined }) {
  const next = activity?.next_run
  if (!next) return null
  return (
    <span className={styles.lines}>
      {next.state_name === 'Late' && <StateBadge type={next.state_type} name={next.state_name} />}
      <Link to="/runs/flow-run/$id" params={{ id: next.id }} title={next.name}>
        due <Time value={next.next_scheduled_start_time} look="relative" />
      </Link>
    </span>
  )
}

/** By the root: what ran ten times as long is not ten times as high, so that short ones can be told apart. */
function heightOf(share: number): number {
  return LEAST + (1 - LEAST) * Math.sqrt(share)
}

function describe(run: RunPoint): string {
  const state = run.state_name ?? run.state_type.toLowerCase()
  return `${run.name}: ${state}${Number(run.duration) > 0 ? `, ${formatDuration(Number(run.duration))}` : ''}`
}

/** `The last 20 runs: 18 completed, 2 failed`. */
function inWords(runs: readonly RunPoint[]): string {
  const counts = new Map<string, number>()
  for (const run of runs) {
    const kind = kindOf(run.state_type, run.state_name)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const parts = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
  return `${runs.length === 1 ? 'The only run' : `The last ${runs.length} runs`}: ${parts}`
}
