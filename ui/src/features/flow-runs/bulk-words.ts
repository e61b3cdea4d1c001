// Changes of many runs in words.
import type { BulkAction } from '@/api/bulk-jobs'
import type { BulkJob } from '@/api/types'

interface Words {
  verb: string
  /** While it goes on. */
  doing: string
  done: string
  /** What it means for the runs. */
  means: string
}

export const WORDS: Record<BulkAction, Words> = {
  cancel: {
    verb: 'Cancel',
    doing: 'Cancelling',
    done: 'Cancelled',
    means: 'What runs is stopped, with its sub-flows. What has ended is left as it is.',
  },
  retry: {
    verb: 'Retry',
    doing: 'Putting back to run again',
    done: 'Put back to run again:',
    means: 'Each run that has ended and belongs to a deployment is put back into its work pool.',
  },
  delete: {
    verb: 'Delete',
    doing: 'Deleting',
    done: 'Deleted',
    means: 'Their logs, task runs and states go with them.',
  },
  'set-state': {
    verb: 'Set the state of',
    doing: 'Setting the state of',
    done: 'Set the state of',
    means: 'Nothing is run or stopped by it: only what is known of the runs changes.',
  },
}

/** `1 run`, `48,213 runs`. */
export function counted(count: number): string {
  return count === 1 ? '1 run' : `${count.toLocaleString('en')} runs`
}

/** What a job does, or has done, in a sentence. */
export function toldOf(job: BulkJob): string {
  const { doing, done } = WORDS[job.action]
  switch (job.status) {
    case 'pending':
      return `${doing} ${counted(job.matched)}`
    case 'running':
      return `${doing} ${counted(job.matched)}`
    case 'stopped':
      return job.done === 0
        ? `Stopped before any run was touched, of ${counted(job.matched)}`
        : `${done} ${counted(job.done)}, then stopped, of ${job.matched.toLocaleString('en')}`
    case 'failed':
      return `${done} ${counted(job.done)}, then failed: ${job.reason ?? 'the server gave no reason'}`
    default:
      return `${done} ${counted(job.done)}`
  }
}
