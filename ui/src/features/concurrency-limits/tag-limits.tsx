// The limits on tags of tasks, each with the ledger of its slots: which task run holds one, since when, and how to free it.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { deleteTagLimit, holdersQuery, releaseTagSlot, tagLimitsQuery } from '@/api/concurrency-limits'
import { useTagNews } from '@/api/live'
import type { TagLimit, TaskRun } from '@/api/types'
import { Button, IconButton } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { EmptyState } from '@/design/empty-state'
import { Meter } from '@/design/meter'
import { Panel, Row } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { StateBadge } from '@/design/states'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { useLimitMutation } from './limit-menu'
import styles from './limits.module.css'
import { TagLimitDialog } from './tag-limit-dialog'

const SNIPPET = `from ostinato import task

@task(tags=["gpu"])
def train(): ...

# ostinato concurrency-limit create gpu 2`

/** The limits, those whose tag has these letters. */
export function TagLimits({ name = '' }: { name?: string }) {
  const limits = useQuery(tagLimitsQuery())
  const ids = (limits.data ?? []).flatMap((limit) => limit.active_slots)
  const holders = useQuery(holdersQuery([...new Set(ids)].sort()))
  useTagNews((limits.data ?? []).map(({ tag }) => tag))
  const byId = new Map(holders.data?.map((run) => [run.id, run]))
  return (
    <QueryView
      query={limits}
      placeholder={<Skeleton lines={4} height="2rem" />}
      errorTitle="The limits on tags could not be loaded"
    >
      {(all) => {
        const shown = all.filter(({ tag }) => tag.toLowerCase().includes(name.toLowerCase()))
        if (all.length === 0)
          return (
            <Panel>
              <EmptyState title="No limits on tags yet" snippet={SNIPPET}>
                A limit on a tag says how many task runs with that tag run at a time; the others wait.
              </EmptyState>
            </Panel>
          )
        if (shown.length === 0) return <EmptyState title="No limited tag has that name" />
        return (
          <div className={styles.form}>
            {shown.map((limit) => (
              <TagPanel key={limit.id} limit={limit} runs={byId} />
            ))}
          </div>
        )
      }}
    </QueryView>
  )
}

function TagPanel({ limit, runs }: { limit: TagLimit; runs: Map<string, TaskRun> }) {
  const [choice, choose] = useState<'change' | 'delete' | null>(null)
  const remove = useLimitMutation(() => deleteTagLimit(limit.id))
  const taken = limit.active_slots.length
  return (
    <Panel
      title={
        <Link to="/concurrency-limits/concurrency-limit/$id" params={{ id: limit.id }}>
          {limit.tag}
        </Link>
      }
      actions={
        <Row>
          <IconButton
            label={`Change the limit on ${limit.tag}`}
            icon={<Pencil size={15} aria-hidden />}
            onClick={() => choose('change')}
          />
          <IconButton
            label={`Delete the limit on ${limit.tag}`}
            icon={<Trash2 size={15} aria-hidden />}
            onClick={() => choose('delete')}
          />
        </Row>
      }
    >
      <Meter
        label={`Slots of ${limit.tag}`}
        value={taken}
        max={limit.concurrency_limit}
        text={`${taken} of ${limit.concurrency_limit}`}
        tone={taken >= limit.concurrency_limit ? 'full' : 'plain'}
      />
      {taken === 0 ? (
        <p className={styles.quiet}>No task run holds a slot.</p>
      ) : (
        <ul className={styles.holders} aria-label={`Who holds slots of ${limit.tag}`}>
          {limit.active_slots.map((id) => (
            <Holder key={id} tag={limit.tag} id={id} run={runs.get(id)} />
          ))}
        </ul>
      )}
      {choice === 'change' && <TagLimitDialog limit={limit} onClose={() => choose(null)} />}
      {choice === 'delete' && (
        <ConfirmDialog
          title={`Delete the limit on ${limit.tag}?`}
          description="Task runs with the tag no longer wait for one another."
          verb="Delete the limit"
          done={`Deleted the limit on ${limit.tag}`}
          mutation={remove}
          onClose={() => choose(null)}
        />
      )}
    </Panel>
  )
}

function Holder({ tag, id, run }: { tag: string; id: string; run: TaskRun | undefined }) {
  const [isAsking, setAsking] = useState(false)
  const release = useLimitMutation(() => releaseTagSlot(tag, id))
  const name = run?.name ?? id
  return (
    <li>
      <Link to="/runs/task-run/$id" params={{ id }}>
        {name}
      </Link>
      {run !== undefined && <StateBadge type={run.state?.type ?? null} name={run.state?.name} />}
      {run?.start_time && (
        <span className={styles.quiet}>
          started <Time value={run.start_time} look="relative" />
        </span>
      )}
      <Button onClick={() => setAsking(true)} aria-label={`Free the slot of ${name}`}>
        Free
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Free the slot of ${name}?`}
          description={`The task run goes on and is not told: for a while more task runs with the tag ${tag} may run at a time than the limit allows.`}
          verb="Free the slot"
          done={`Freed the slot of ${name}`}
          mutation={release}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  )
}
