// What the type of a run's state means for what can be done with it.
import type { StateType } from '@/api/types'

const DONE: readonly (StateType | null)[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

/** Whether nothing more will happen by itself. */
export function isDone(type: StateType | null): boolean {
  return DONE.includes(type)
}

/** Whether something runs for it. */
export function isActive(type: StateType | null): boolean {
  return type === 'RUNNING' || type === 'PENDING' || type === 'CANCELLING'
}
