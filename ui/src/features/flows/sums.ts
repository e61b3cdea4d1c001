// Sums over runs by their states, put together.
import type { HistoryInterval } from '@/api/types'

export interface Sums {
  runs: number
  completed: number
  /** Failed or crashed. */
  wrong: number
  going: number
  /** Seconds, of the runs that have begun; null where none has. */
  meanTime: number | null
  meanLateness: number | null
}

/** The sums. */
export function sumsOf(states: readonly HistoryInterval['states'][number][]): Sums {
  const of = (...types: string[]) => states.filter(({ state_type: type }) => type !== null && types.includes(type))
  const begun = of('COMPLETED', 'FAILED', 'CRASHED', 'RUNNING')
  const count = countOf(begun)
  const mean = (sum: number) => (count === 0 ? null : sum / count)
  return {
    runs: countOf(states),
    completed: countOf(of('COMPLETED')),
    wrong: countOf(of('FAILED', 'CRASHED')),
    going: countOf(of('RUNNING')),
    meanTime: mean(begun.reduce((sum, { sum_estimated_run_time: time }) => sum + Number(time), 0)),
    meanLateness: mean(begun.reduce((sum, { sum_estimated_lateness: late }) => sum + Number(late), 0)),
  }
}

function countOf(states: readonly { count_runs: number }[]): number {
  return states.reduce((sum, { count_runs: count }) => sum + count, 0)
}
