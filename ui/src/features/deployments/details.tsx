// How a deployment is set up: its parameters, where it runs, and what its code is.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import type { Deployment } from '@/api/types'
import { JsonBlock } from '@/design/code-block'
import { Facts, Panel } from '@/design/page'
import { Time } from '@/design/time'
import { formatDuration } from '@/lib/time'

import { isOwnLimit } from './edit-draft'

/** What its runs are given. */
export function Parameters({ deployment }: { deployment: Deployment }) {
  return (
    <Panel title="Parameters that differ from the flow's own defaults">
      {Object.keys(deployment.parameters).length === 0 ? (
        <p>None: each run takes the flow's defaults.</p>
      ) : (
        <JsonBlock value={deployment.parameters} label="Parameters" />
      )}
    </Panel>
  )
}

/** Where and how it runs. */
export function Configuration({ deployment }: { deployment: Deployment }) {
  const { work_pool_name: pool, work_queue_name: queue, job_variables: variables, pull_steps: steps } = deployment
  return (
    <>
      <Panel title="Configuration">
        <Facts
          facts={[
            ['Id', <code key="id">{deployment.id}</code>],
            [
              'Work pool',
              pool && (
                <Link to="/work-pools/work-pool/$name" params={{ name: pool }}>
                  {pool}
                </Link>
              ),
            ],
            [
              'Work queue',
              pool && queue ? (
                <Link to="/work-pools/work-pool/$name/queue/$queue" params={{ name: pool, queue }}>
                  {queue}
                </Link>
              ) : (
                queue
              ),
            ],
            ['Entrypoint', deployment.entrypoint && <code>{deployment.entrypoint}</code>],
            ['Path', deployment.path && <code>{deployment.path}</code>],
            ['Runs at once, at most', <Limit key="limit" deployment={deployment} />],
            ['A run beyond the limit', collisionWords(deployment)],
            ['Runs that may wait', deployment.max_queued?.toString()],
            ['Crashed runs', retryWords(deployment)],
            [
              'Parameters that do not fit',
              deployment.enforce_parameter_schema ? 'are refused' : 'are given to the run all the same',
            ],
            ['Created', deployment.created && <Time value={deployment.created} />],
            ['Changed', deployment.updated && <Time value={deployment.updated} />],
            ['Changed by', deployment.updated_by?.display_value],
            ['Asked for work', deployment.last_polled && <Time value={deployment.last_polled} look="relative" />],
          ]}
        />
      </Panel>
      {Object.keys(variables).length > 0 && (
        <Panel title="Job variables">
          <JsonBlock value={variables} label="Job variables" />
        </Panel>
      )}
      {steps !== null && steps.length > 0 && (
        <Panel title="How its code is fetched">
          <JsonBlock value={steps} label="Pull steps" />
        </Panel>
      )}
    </>
  )
}

function Limit({ deployment }: { deployment: Deployment }): ReactNode {
  const limit = deployment.global_concurrency_limit
  if (limit === null) return 'any number'
  const inUse = `${limit.limit}, of which ${limit.active_slots} in use`
  return (
    <>
      <Link to="/concurrency-limits/concurrency-limit/$id" params={{ id: limit.id }}>
        {isOwnLimit(deployment) ? inUse : limit.name}
      </Link>
      {!isOwnLimit(deployment) && `, shared: ${inUse}`}
    </>
  )
}

function collisionWords({ global_concurrency_limit: limit, concurrency_options: options }: Deployment): string | null {
  if (limit === null) return null
  return options?.collision_strategy === 'CANCEL_NEW' ? 'is cancelled' : 'waits for a slot'
}

function retryWords({ retry_on_crash: retry }: Deployment): string | null {
  if (retry === null) return null
  if (retry.max === 0) return 'are not run again'
  const times = retry.max === 1 ? 'once' : `up to ${retry.max} times`
  const after = retry.delay === 0 ? '' : ` after ${formatDuration(retry.delay)}`
  return `are run again ${times}${after}${retry.only_if === 'any' ? '' : ' where their flow had not begun'}`
}
