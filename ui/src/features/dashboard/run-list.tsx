// A few runs, one a line.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { explanationQuery } from '@/api/flow-runs'
import type { FlowRun } from '@/api/types'
import { Skeleton } from '@/design/skeleton'
import { StateBadge } from '@/design/states'
import { Time } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'

import styles from './lists.module.css'

/** The list; `none` says what it means that it is empty. */
export function RunList({
  runs,
  flows,
  none,
  isExplained = false,
}: {
  runs: readonly FlowRun[]
  flows: ReadonlyMap<string, string> | undefined
  none: string
  /** Whether each can be asked why it does not run. */
  isExplained?: boolean
}) {
  if (runs.length === 0) return <p className={styles.none}>{none}</p>
  return (
    <ul>
      {runs.map((run) => {
        const time = run.start_time ?? run.expected_start_time
        return (
          <li key={run.id} className={styles.item}>
            <div className={styles.main}>
              <FlowRunLink id={run.id} name={run.name} />
              <p className={styles.sub}>
                {flows?.get(run.flow_id) ?? '…'}
                {time !== null && (
                  <>
                    {run.start_time === null ? ' · due ' : ' · '}
                    <Time value={time} look="relative" />
                  </>
                )}
              </p>
              {isExplained && <Why run={run} />}
            </div>
            <StateBadge type={run.state_type} name={run.state_name} />
          </li>
        )
      })}
    </ul>
  )
}

/** Why a run does not run, once somebody asks. */
function Why({ run }: { run: FlowRun }) {
  const [isAsked, setAsked] = useState(false)
  return (
    <>
      <button
        type="button"
        className={styles.why}
        aria-expanded={isAsked}
        aria-label={`Why ${run.name} does not run`}
        onClick={() => setAsked(!isAsked)}
      >
        {isAsked ? 'Why:' : 'Why?'}
      </button>
      {isAsked && <Verdict id={run.id} />}
    </>
  )
}

function Verdict({ id }: { id: string }) {
  const explanation = useQuery(explanationQuery(id))
  return (
    <QueryView query={explanation} placeholder={<Skeleton lines={1} />} errorTitle="It could not be explained">
      {({ verdict, causes }) => (
        <p className={styles.verdict}>
          {verdict} {causes[0]?.remedy}
        </p>
      )}
    </QueryView>
  )
}
