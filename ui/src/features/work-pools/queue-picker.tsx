// Chooses one of the queues of a pool.
import { useQuery } from '@tanstack/react-query'

import { workQueuesQuery } from '@/api/work-queues'
import { Field, Select } from '@/design/field'

interface WorkQueuePickerProps {
  pool: string
  /** The name of a queue; empty: the one that is taken by itself. */
  value: string
  onChange: (name: string) => void
  label?: string
  /** What the empty choice means. */
  none?: string
}

/** The field; a queue that is not among those known stays a choice. */
export function WorkQueuePicker({
  pool,
  value,
  onChange,
  label = 'Work queue',
  none = 'The default',
}: WorkQueuePickerProps) {
  const queues = useQuery(workQueuesQuery(pool))
  const names = queues.data?.map((queue) => [queue.name, labelOf(queue)] as const) ?? []
  const isKnown = value === '' || names.some(([name]) => name === value)
  return (
    <Field label={label} error={queues.isError ? 'The queues could not be loaded.' : undefined}>
      {(props) => (
        <Select
          {...props}
          value={value}
          options={[['', none], ...names, ...(isKnown ? [] : [[value, value] as const])]}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}

function labelOf({ name, is_paused: isPaused }: { name: string; is_paused: boolean }): string {
  return isPaused ? `${name} (paused)` : name
}
