// A flow run: what it is, how it stands in words, and what it did.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { deploymentNamesQuery } from '@/api/deployments'
import { flowRunQuery, flowRunsQuery, flowRunStatesQuery } from '@/api/flow-runs'
import { flowNamesQuery } from '@/api/flows'
import { useTaskRunNews } from '@/api/live'
import { taskRunQuery } from '@/api/task-runs'
import type { FlowRun } from '@/api/types'
import { Tags } from '@/design/badge'
import { JsonBlock } from '@/design/code-block'
import { EmptyState } from '@/design/empty-state'
import { Facts, Page, Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { StateHistory } from '@/design/state-history'
import { StateMessage } from '@/design/state-message'
import { StateBadge } from '@/design/states'
import { Tabs } from '@/design/tabs'
import { Duration, RunningDuration, Time } from '@/design/time'
import { ArtifactsOfRun } from '@/features/artifacts/public'
import { Logs } from '@/features/logs/public'
import { QueryView } from '@/features/query-view'
import { ViolationsOfRun } from '@/features/slas/public'
import { TaskRunsTable } from '@/features/task-runs/public'

import { ExplanationPanel } from './explanation-panel'
import { FlowRunActions } from './flow-run-actions'
import styles from './flow-run-page.module.css'
import type { FlowRunSearch, FlowRunTab } from './flow-run-search'
import { FlowRunsTable } from './flow-runs-table'
import { ReportedLate } from './reported-late'
import { RunPicture } from './run-picture'
import { isActive, isDone } from './states'

const SUB_FLOWS = 50

type Searched = (search: FlowRunSearch) => void

interface FlowRunPageProps {
  id: string
  search: FlowRunSearch
  onSearch: (search: FlowRunSearch) => void
}

/** The page. */
export function FlowRunPage({ id, search, onSearch }: FlowRunPageProps) {
  const run = useQuery(flowRunQuery(id))
  useTaskRunNews(run.data !== undefined && isActive(run.data.state_type) ? id : null)
  return (
    <QueryView
      query={run}
      placeholder={
        <Page title="Flow run">
          <Skeleton lines={6} />
        </Page>
      }
      errorTitle="The flow run could not be loaded"
    >
      {(data) => <Loaded run={data} search={search} onSearch={onSearch} />}
    </QueryView>
  )
}

function Loaded({
  run,
  search,
  onSearch,
}: {
  run: FlowRun
  search: FlowRunSearch
  onSearch: (search: FlowRunSearch) => void
}) {
  const tabs: { value: FlowRunTab; label: string; content: () => ReactNode }[] = [
    {
      value: 'logs',
      label: 'Logs',
      content: () => (
        <Logs
          flowRunId={run.id}
          isRunning={!isDone(run.state_type)}
          stateId={run.state_id}
          search={search}
          onSearch={(logs) => onSearch({ ...search, ...logs })}
        />
      ),
    },
    {
      value: 'task-runs',
      label: 'Task runs',
      content: () => (
        <TaskRunsTable flowRunId={run.id} search={search} onSearch={(part) => onSearch({ ...search, ...part })} />
      ),
    },
    {
      value: 'sub-flows',
      label: 'Sub-flows',
      content: () => <SubFlowRuns id={run.id} search={search} onSearch={onSearch} />,
    },
    { value: 'artifacts', label: 'Artifacts', content: () => <ArtifactsOfRun of={{ flowRunId: run.id }} /> },
    { value: 'parameters', label: 'Parameters', content: () => <Parameters run={run} /> },
    { value: 'job-variables', label: 'Job variables', content: () => <JobVariables run={run} /> },
    { value: 'details', label: 'Details', content: () => <Details run={run} /> },
    { value: 'states', label: 'State history', content: () => <States id={run.id} /> },
  ]
  return (
    <Page
      title={run.name}
      heading={
        <>
          {run.name} <StateBadge type={run.state_type} name={run.state_name} />
        </>
      }
      trail={<Trail run={run} />}
      actions={<FlowRunActions run={run} />}
    >
      <p className={styles.words}>
        <Words run={run} />
        {run.parent_task_run_id !== null && <CalledBy taskRunId={run.parent_task_run_id} />}
      </p>
      <Tags tags={run.tags} />
      {run.state?.message && isDone(run.state_type) && (
        <StateMessage type={run.state_type} message={run.state.message} />
      )}
      <ReportedLate run={run} />
      <ViolationsOfRun flowRunId={run.id} />
      {!isDone(run.state_type) && run.state_type !== 'RUNNING' && <ExplanationPanel id={run.id} />}
      {run.start_time !== null && <RunPicture run={run} search={search} onSearch={onSearch} />}
      <Tabs label="About the flow run" value={search.tab ?? 'logs'} onChange={(tab) => onSearch({ tab })} tabs={tabs} />
    </Page>
  )
}

function Trail({ run }: { run: FlowRun }) {
  const flows = useQuery(flowNamesQuery([run.flow_id]))
  const deployments = useQuery(deploymentNamesQuery(run.deployment_id === null ? [] : [run.deployment_id]))
  return (
    <>
      <Link to="/runs">Runs</Link>
      <span aria-hidden>/</span>
      <Link to="/flows/flow/$id" params={{ id: run.flow_id }}>
        {flows.data?.get(run.flow_id) ?? '…'}
      </Link>
      {run.deployment_id !== null && (
        <>
          <span aria-hidden>/</span>
          <Link to="/deployments/deployment/$id" params={{ id: run.deployment_id }}>
            {deployments.data?.get(run.deployment_id) ?? '…'}
          </Link>
        </>
      )}
    </>
  )
}

/** What happened, as one would say it. */
function Words({ run }: { run: FlowRun }) {
  const tries = run.run_count > 1 ? `, at attempt ${run.run_count}` : ''
  if (run.start_time === null) {
    if (run.expected_start_time === null) return 'Never started.'
    const isPast = isDone(run.state_type)
    return (
      <>
        {isPast ? 'Never started; it was due ' : 'Not started; due '}
        <Time value={run.expected_start_time} />.
      </>
    )
  }
  return (
    <>
      Started <Time value={run.start_time} look="relative" />
      {run.end_time !== null ? ' and took ' : isActive(run.state_type) ? ', for ' : ', ran for '}
      {run.end_time !== null || run.state_type === 'RUNNING' ? (
        <RunningDuration from={run.start_time} to={run.end_time} />
      ) : (
        <Duration seconds={run.total_run_time} />
      )}
      {run.work_pool_name !== null && (
        <>
          {' in the work pool '}
          <Link to="/work-pools/work-pool/$name" params={{ name: run.work_pool_name }}>
            {run.work_pool_name}
          </Link>
        </>
      )}
      {tries}.
    </>
  )
}

/** Which run called this one. */
function CalledBy({ taskRunId }: { taskRunId: string }) {
  const task = useQuery(taskRunQuery(taskRunId))
  if (task.data?.flow_run_id == null) return null
  return (
    <>
      {' Called by '}
      <Link to="/runs/flow-run/$id" params={{ id: task.data.flow_run_id }}>
        {task.data.flow_run_name ?? 'another run'}
      </Link>
      .
    </>
  )
}

function SubFlowRuns({ id, search, onSearch }: { id: string; search: FlowRunSearch; onSearch: Searched }) {
  const limit = search.limit ?? SUB_FLOWS
  const filter = { parent_flow_run_id: { any_: [id] } }
  const runs = useQuery(flowRunsQuery({ filter, sort: 'EXPECTED_START_TIME_ASC', page: search.page ?? 1, limit }))
  return (
    <Panel isFlush>
      <QueryView query={runs}>
        {({ results, count, page }) =>
          results.length === 0 ? (
            <EmptyState title="No sub-flows" snippet={'@flow\ndef parent():\n    child()  # a flow called by a flow'}>
              Flows that this one calls appear here.
            </EmptyState>
          ) : (
            <>
              <FlowRunsTable runs={results} caption="Sub-flow runs" />
              <Pager
                page={page}
                limit={limit}
                count={count}
                onPage={(next) => onSearch({ ...search, page: next })}
                onLimit={(next) => onSearch({ ...search, limit: next, page: undefined })}
              />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

function Parameters({ run }: { run: FlowRun }) {
  return (
    <Panel title="Parameters">
      {Object.keys(run.parameters).length === 0 ? (
        <p>The flow takes none.</p>
      ) : (
        <JsonBlock value={run.parameters} label="Parameters" />
      )}
    </Panel>
  )
}

function JobVariables({ run }: { run: FlowRun }) {
  const variables = run.job_variables ?? {}
  if (Object.keys(variables).length > 0)
    return (
      <Panel title="Job variables">
        <JsonBlock value={variables} label="Job variables" />
      </Panel>
    )
  return (
    <Panel isFlush>
      <EmptyState title="No job variables" snippet={"ostinato deployment run 'etl/nightly' --job-variable cpu=2"}>
        What a run changes of its work pool’s template, such as its image or memory, appears here.
      </EmptyState>
    </Panel>
  )
}

function Details({ run }: { run: FlowRun }) {
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Id', <code key="id">{run.id}</code>],
          ['Created', run.created && <Time value={run.created} />],
          ['Created by', run.created_by?.display_value],
          ['Due', run.expected_start_time && <Time value={run.expected_start_time} />],
          ['Started', run.start_time && <Time value={run.start_time} />],
          ['Ended', run.end_time && <Time value={run.end_time} />],
          ['Time in Running', <Duration key="run" seconds={run.total_run_time} />],
          [
            'Late by',
            run.estimated_start_time_delta > 1 ? <Duration seconds={run.estimated_start_time_delta} /> : null,
          ],
          ['Attempts', String(run.run_count)],
          ['Retries', String(run.empirical_policy.retries ?? 0)],
          ['Last heartbeat', run.last_heartbeat && <Time value={run.last_heartbeat} look="relative" />],
          ['Flow version', run.flow_version],
          ['Deployment version', run.deployment_version],
          ['Work pool', run.work_pool_name],
          ['Work queue', run.work_queue_name],
          ['Infrastructure', run.infrastructure_pid],
          ['Idempotency key', run.idempotency_key],
        ]}
      />
    </Panel>
  )
}

function States({ id }: { id: string }) {
  const states = useQuery(flowRunStatesQuery(id))
  return (
    <Panel title="State history" isFlush>
      <QueryView query={states}>{(found) => <StateHistory states={found} />}</QueryView>
    </Panel>
  )
}
