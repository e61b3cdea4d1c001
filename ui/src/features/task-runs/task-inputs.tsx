// Where the inputs of a task run came from: other task runs, parameters of the flow, values.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { taskRunNamesQuery } from '@/api/task-runs'
import type { NamedTaskRun } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { Facts, Panel } from '@/design/page'

/** Inputs under these names are not arguments. */
const NAMES: Record<string, string> = { wait_for: 'Waited for', __parents__: 'Ran within' }

interface Source {
  input_type?: string
  id?: string
  name?: string
}

/** The panel. */
export function TaskInputs({ run }: { run: NamedTaskRun }) {
  const inputs = Object.entries(run.task_inputs as Record<string, Source[]>)
  const ids = inputs.flatMap(([, sources]) => sources.flatMap(({ id }) => id ?? []))
  const names = useQuery(taskRunNamesQuery(ids))
  if (inputs.length === 0)
    return (
      <Panel isFlush>
        <EmptyState title="No inputs" snippet={'double(extract())  # an input from another task run'}>
          What a task was given by others appears here.
        </EmptyState>
      </Panel>
    )
  return (
    <Panel title="Where its inputs came from">
      <Facts
        facts={inputs.map(([name, sources]) => [
          NAMES[name] ?? name,
          sources.length === 0 ? (
            'a value'
          ) : (
            <ul key={name}>
              {sources.map((source, at) => (
                <li key={source.id ?? at}>
                  <SourceName source={source} name={names.data?.get(source.id ?? '')} />
                </li>
              ))}
            </ul>
          ),
        ])}
      />
    </Panel>
  )
}

function SourceName({ source, name }: { source: Source; name?: string }) {
  if (source.id === undefined) return `${source.input_type ?? 'value'} ${source.name ?? ''}`.trim()
  if (source.input_type === 'flow_run')
    return (
      <Link to="/runs/flow-run/$id" params={{ id: source.id }}>
        a flow run
      </Link>
    )
  return (
    <Link to="/runs/task-run/$id" params={{ id: source.id }}>
      {name ?? 'a task run'}
    </Link>
  )
}
