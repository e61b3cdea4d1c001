// Parts that the list of workers and the page of one have in common.
import type { Worker, WorkerRuns } from '@/api/types'
import { Badge } from '@/design/badge'
import { StateBadge } from '@/design/states'
import { RunningDuration } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'

import styles from './work-pools.module.css'

/** Whether a worker gives signs of life. */
export function WorkerStatus({ worker }: { worker: Worker }) {
  return worker.status === 'ONLINE' ? <Badge tone="good">Online</Badge> : <Badge tone="warn">Offline</Badge>
}

/** The runs that a worker has at hand, each with its state and since when. */
export function AtHand({ runs }: { runs: WorkerRuns }) {
  const others = runs.flow_run_count - runs.flow_runs.length
  return (
    <ul className={styles.runs} aria-label="Runs now">
      {runs.flow_runs.map((run) => (
        <li key={run.id}>
          <FlowRunLink id={run.id} name={run.name} />
          <StateBadge type={run.state_type} name={run.state_name} />
          {run.state_timestamp !== null && (
            <span className={styles.quiet}>
              <RunningDuration from={run.state_timestamp} to={null} />
            </span>
          )}
        </li>
      ))}
      {others > 0 && <li className={styles.quiet}>and {others.toLocaleString('en')} more</li>}
    </ul>
  )
}
