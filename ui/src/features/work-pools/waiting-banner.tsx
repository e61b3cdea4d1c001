// Says why runs wait that are due, and what helps.
import { CircleAlert } from 'lucide-react'

import type { WorkPool, WorkPoolLoad } from '@/api/types'
import { CodeBlock } from '@/design/code-block'
import { useNow } from '@/lib/clock'

import { startWorker } from './snippets'
import { type Reason, reasonsOf } from './waiting'
import styles from './work-pools.module.css'

interface WaitingBannerProps {
  pool: WorkPool
  load: WorkPoolLoad
  /** Only about this queue. */
  queue?: string
}

/** The banner; nothing where nothing waits for too long. */
export function WaitingBanner({ pool, load, queue }: WaitingBannerProps) {
  const reasons = reasonsOf(pool, load, useNow())
  if (reasons.length === 0) return null
  return (
    <section className={styles.banner} aria-label="Why runs wait">
      <CircleAlert size={18} aria-hidden className={styles.bannerIcon} />
      <div className={styles.bannerWords}>
        {reasons.map(({ words, remedy }) => (
          <p key={words}>
            {words} {REMEDIES[remedy]}
          </p>
        ))}
        {reasons.some(({ remedy }) => remedy === 'worker') && (
          <CodeBlock label="Start a worker" code={startWorker(pool, queue)} />
        )}
      </div>
    </section>
  )
}

const REMEDIES: Record<Reason['remedy'], string> = {
  worker: 'Start one where the runs are to be executed:',
  'resume-pool': 'Workers get them once it is resumed.',
  'resume-queue': 'Workers get them once it is resumed.',
  limit: '',
  look: 'The page of a run explains why it waits.',
}
