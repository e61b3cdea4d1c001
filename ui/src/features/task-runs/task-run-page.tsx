// A task run: how it stands, what it logged and left, where its inputs came from.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useTaskRunNews } from '@/api/live'
import { taskRunQuery, taskRunStatesQuery } from '@/api/task-runs'
import type { NamedTaskRun } from '@/api/types'
import { Tags } from '@/design/badge'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { StateHistory } from '@/design/state-history'
import { StateMessage } from '@/design/state-message'
import { StateBadge } from '@/design/states'
import { Tabs } from '@/design/tabs'
import { Duration, RunningDuration, Time } from '@/design/time'
import { ArtifactsOfRun } from '@/features/artifacts/public'
import { Logs } from '@/features/logs/public'
import { QueryView } from '@/features/query-view'

import { TaskInputs } from './task-inputs'
import { TaskRunActions } from './task-run-actions'
import type { TaskRunSearch, TaskRunTab } from './task-run-search'

const DONE = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

interface TaskRunPageProps {
  id: string
  search: TaskRunSearch
  onSearch: (search: TaskRunSearch) => void
}

/** The page. */
export function TaskRunPage({ id, ...rest }: TaskRunPageProps) {
  const query = useQuery(taskRunQuery(id))
  const run = query.data
  useTaskRunNews(run !== undefined && !isDone(run) ? run.flow_run_id : null)
  return (
    <QueryView
      query={query}
      placeholder={
        <Page title="Task run">
          <Skeleton lines={6} />
        </Page>
      }
      errorTitle="The task run could not be loaded"
    >
      {(found) => <Loaded run={found} {...rest} />}
    </QueryView>
  )
}

function isDone({ state_type: type }: NamedTaskRun): boolean {
  return DONE.includes(type ?? '')
}

function Loaded({ run, search, onSearch }: Omit<TaskRunPageProps, 'id'> & { run: NamedTaskRun }) {
  const tabs: { value: TaskRunTab; label: string; content: () => ReactNode }[] = [
    {
      value: 'logs',
      label: 'Logs',
      content: () => (
        <Logs
          taskRunId={run.id}
          isRunning={!isDone(run)}
          stateId={run.state_id}
          search={search}
          onSearch={(logs) => onSearch({ ...search, ...logs })}
        />
      ),
    },
    { value: 'artifacts', label: 'Artifacts', content: () => <ArtifactsOfRun of={{ taskRunId: run.id }} /> },
    { value: 'inputs', label: 'Inputs', content: () => <TaskInputs run={run} /> },
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
      trail={run.flow_run_id !== null && <Trail id={run.flow_run_id} name={run.flow_run_name} />}
      actions={<TaskRunActions run={run} />}
    >
      <Words run={run} />
      <Tags tags={run.tags} />
      {run.state?.message && <StateMessage type={run.state_type} message={run.state.message} />}
      <Tabs label="About the task run" value={search.tab ?? 'logs'} onChange={(tab) => onSearch({ tab })} tabs={tabs} />
    </Page>
  )
}

function Trail({ id, name }: { id: string; name: string | null }) {
  return (
    <>
      <Link to="/runs">Runs</Link>
      <span aria-hidden>/</span>
      <Link to="/runs/flow-run/$id" params={{ id }}>
        {name ?? 'Flow run'}
      </Link>
    </>
  )
}

/** What happened, as one would say it. */
function Words({ run }: { run: NamedTaskRun }) {
  if (run.start_time === null) return <p>{isDone(run) ? 'Never started.' : 'Not started.'}</p>
  const isOver = run.end_time !== null
  return (
    <p>
      Started <Time value={run.start_time} look="relative" />
      {isOver ? ' and took ' : run.state_type === 'RUNNING' ? ', for ' : ', ran for '}
      {isOver || run.state_type === 'RUNNING' ? (
        <RunningDuration from={run.start_time} to={run.end_time} />
      ) : (
        <Duration seconds={run.total_run_time} />
      )}
      {run.run_count > 1 && `, at attempt ${run.run_count}`}.
    </p>
  )
}

function Details({ run }: { run: NamedTaskRun }) {
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Id', <code key="id">{run.id}</code>],
          ['Task', <code key="task">{run.task_key}</code>],
          ['Created', run.created && <Time value={run.created} />],
          ['Started', run.start_time && <Time value={run.start_time} />],
          ['Ended', run.end_time && <Time value={run.end_time} />],
          ['Time in Running', <Duration key="time" seconds={run.total_run_time} />],
          ['Attempts', String(run.run_count)],
          ['Retries', String(run.empirical_policy.retries ?? 0)],
          ['Cache key', run.cache_key],
          ['Version', run.task_version],
        ]}
      />
    </Panel>
  )
}

function States({ id }: { id: string }) {
  const states = useQuery(taskRunStatesQuery(id))
  return (
    <Panel title="State history" isFlush>
      <QueryView query={states}>{(found) => <StateHistory states={found} />}</QueryView>
    </Panel>
  )
}
