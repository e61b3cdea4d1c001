// How task runs have ended: the sums, the share that went well, and bars over the time.
import { useQuery } from '@tanstack/react-query'

import { taskRunCountsQuery } from '@/api/task-runs'
import type { FlowRunFilter } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { StateGlyph } from '@/design/states'
import { QueryView } from '@/features/query-view'

import { Chart, type CountedBar } from './activity'
import styles from './activity.module.css'

interface TaskActivityProps {
  filter: FlowRunFilter
  start: string
  end: string
}

/** The sums and the chart. */
export function TaskActivity({ filter, start, end }: TaskActivityProps) {
  const counts = useQuery(taskRunCountsQuery(filter, start))
  return (
    <QueryView query={counts} errorTitle="The task runs could not be counted">
      {(intervals) => <Counted bars={barsOf(intervals, start, end)} />}
    </QueryView>
  )
}

function Counted({ bars }: { bars: readonly CountedBar[] }) {
  const sum = (kind: 'completed' | 'failed') => bars.reduce((all, { counts }) => all + (counts.get(kind) ?? 0), 0)
  const [completed, failed] = [sum('completed'), sum('failed')]
  if (completed + failed === 0)
    return <EmptyState title="No task run ended in this time">Tasks count here once they have ended.</EmptyState>
  return (
    <>
      <ul className={styles.sums} aria-label="Task runs by state">
        <li className={styles.sum}>
          <StateGlyph kind="completed" size={17} />
          <strong>{completed.toLocaleString('en')}</strong> completed
        </li>
        <li className={styles.sum}>
          <StateGlyph kind="failed" size={17} />
          <strong>{failed.toLocaleString('en')}</strong> failed
        </li>
        <li className={styles.sum}>
          <strong>{((completed / (completed + failed)) * 100).toFixed(1)} %</strong> went well
        </li>
      </ul>
      <Chart bars={bars} />
    </>
  )
}

/** Counts of equal intervals between two times, as bars. */
export function barsOf(counts: readonly { completed: number; failed: number }[], start: string, end: string) {
  const first = Date.parse(start)
  const step = (Date.parse(end) - first) / Math.max(1, counts.length)
  return counts.map(({ completed, failed }, index): CountedBar => {
    const at = (place: number) => new Date(first + step * place).toISOString()
    const byKind = new Map([['completed', completed] as const, ['failed', failed] as const])
    return { start: at(index), end: at(index + 1), total: completed + failed, counts: new Map(byKind) }
  })
}
