// How far changes of many runs are: a calm line each, whoever has asked for them, until they have ended and are read.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { X } from 'lucide-react'

import { isUnfinished, recentBulkJobsQuery, stopBulkJob } from '@/api/bulk-jobs'
import { messageOf } from '@/api/errors'
import type { BulkJob } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { Meter } from '@/design/meter'
import { Panel } from '@/design/page'
import { Time } from '@/design/time'
import { notify } from '@/design/toast'
import { useNow } from '@/lib/clock'
import { useStored } from '@/lib/storage'

import { counted, toldOf } from './bulk-words'
import styles from './bulk.module.css'
import { FlowRunLink } from './links'

/** Milliseconds for which a job that has ended is shown. */
const SHOWN_FOR = 15 * 60_000

/** The lines; nothing where there is nothing to tell. */
export function BulkJobs() {
  const jobs = useQuery(recentBulkJobsQuery())
  const [read, setRead] = useStored<string[]>('bulk-jobs.read', [])
  const now = useNow()
  const shown = (jobs.data ?? []).filter((job) => isUnfinished(job) || (isFresh(job, now) && !read.includes(job.id)))
  if (shown.length === 0) return null
  const dismiss = (id: string) => setRead([...read.slice(-20), id])
  return (
    <Panel isFlush>
      <ul className={styles.jobs} aria-label="Changes of many runs">
        {shown.map((job) => (
          <li key={job.id} className={styles.job}>
            {isUnfinished(job) ? <Going job={job} /> : <Ended job={job} onDismiss={() => dismiss(job.id)} />}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function isFresh(job: BulkJob, now: number): boolean {
  return job.ended !== null && now - Date.parse(job.ended) < SHOWN_FOR
}

function Going({ job }: { job: BulkJob }) {
  const client = useQueryClient()
  const stop = useMutation({
    mutationFn: () => stopBulkJob(job.id),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSettled: () => client.invalidateQueries({ queryKey: ['bulk-jobs'] }),
  })
  const isWaiting = job.status === 'pending'
  return (
    <>
      <span className={styles.told} role="status">
        {toldOf(job)}
        {isWaiting && (
          <>
            {' '}
            begins <Time value={job.begins} look="relative" />
          </>
        )}
      </span>
      {!isWaiting && (
        <Meter
          label={toldOf(job)}
          value={job.looked_at}
          max={Math.max(job.matched, job.looked_at)}
          text={`${job.looked_at.toLocaleString('en')} of ${job.matched.toLocaleString('en')}`}
        />
      )}
      <Button isBusy={stop.isPending} onClick={() => stop.mutate()}>
        {isWaiting ? 'Undo' : 'Stop'}
      </Button>
    </>
  )
}

function Ended({ job, onDismiss }: { job: BulkJob; onDismiss: () => void }) {
  return (
    <>
      <div className={styles.told} role="status">
        {toldOf(job)}
        {job.refusals.length > 0 && (
          <ul className={styles.list} aria-label="Left as they are">
            {job.refusals.map(({ reason, count, flow_run_id: id }) => (
              <li key={reason}>
                {counted(count)} left as {count === 1 ? 'it is' : 'they are'}: {reason}{' '}
                {job.action !== 'delete' && <FlowRunLink id={id} name={count === 1 ? 'See it' : 'See one'} />}
              </li>
            ))}
          </ul>
        )}
      </div>
      <IconButton label="Dismiss" icon={<X size={16} aria-hidden />} onClick={onDismiss} />
    </>
  )
}
