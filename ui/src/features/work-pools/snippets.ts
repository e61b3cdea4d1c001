// Commands that a page offers to copy.
import type { WorkPool } from '@/api/types'

/** The types whose workers come along. */
const OWN_WORKERS = ['process', 'docker', 'kubernetes']

export const FIRST_POOL = 'ostinato work-pool create my-pool --type process\nostinato worker start --pool my-pool'

/** How to start a worker of a pool, perhaps for one of its queues. */
export function startWorker({ name, type }: Pick<WorkPool, 'name' | 'type'>, queue?: string): string {
  const options = `--pool ${quoted(name)}${queue === undefined ? '' : ` --work-queue ${quoted(queue)}`}`
  const reference = `prefect worker start ${options}`
  if (!OWN_WORKERS.includes(type)) return reference
  return `ostinato worker start ${options}\n# or with the reference client:\n${reference}`
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
