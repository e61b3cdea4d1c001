// Changes a work pool.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import type { WorkPool } from '@/api/types'
import { updateWorkPool, workPoolQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { LinkButton } from '@/design/link-button'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'
import { isSame } from '@/lib/json'

import { type PoolDraft, PoolFields } from './pool-fields'
import { TemplateEditor } from './template-editor'
import { usePoolMutation } from './use-pool-mutation'
import styles from './work-pools.module.css'

/** The page. */
export function EditPoolPage({ name }: { name: string }) {
  // What is being changed is not taken away by news.
  const pool = useQuery({ ...workPoolQuery(name), staleTime: Infinity })
  return (
    <QueryView query={pool} placeholder={<Skeleton lines={8} />} errorTitle="The work pool could not be loaded">
      {(data) => <Editor pool={data} />}
    </QueryView>
  )
}

function Editor({ pool }: { pool: WorkPool }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState<PoolDraft>(pool)
  const [template, setTemplate] = useState(pool.base_job_template)
  const [problem, setProblem] = useState<string | null>(null)
  const here = { to: '/work-pools/work-pool/$name', params: { name: pool.name } } as const
  const save = usePoolMutation(() => updateWorkPool(pool.name, changesOf(pool, draft, template)), {
    onSuccess: () => {
      notify(`Saved ${pool.name}`)
      void navigate(here)
    },
    isTold: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Page
      title={`Edit ${pool.name}`}
      trail={
        <>
          <Link to="/work-pools">Work pools</Link>
          <span aria-hidden>/</span>
          <Link {...here}>{pool.name}</Link>
        </>
      }
    >
      <form className={styles.wide} onSubmit={submit}>
        <Panel title="Details">
          <div className={styles.form}>
            <PoolFields draft={draft} onChange={setDraft} isNamed />
          </div>
        </Panel>
        <h2 className={styles.heading}>Base job template</h2>
        <TemplateEditor template={template} onChange={setTemplate} problem={problem} onProblem={setProblem} />
        {save.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(save.error)}
          </p>
        )}
        <div className={styles.buttons}>
          <LinkButton {...here}>Back</LinkButton>
          <Button look="primary" type="submit" isBusy={save.isPending} disabled={problem !== null}>
            Save the work pool
          </Button>
        </div>
      </form>
    </Page>
  )
}

/** What is not as it was: others may have changed the rest meanwhile. */
function changesOf(pool: WorkPool, draft: PoolDraft, template: WorkPool['base_job_template']) {
  const after = {
    description: draft.description,
    concurrency_limit: draft.concurrency_limit,
    pending_deadline_seconds: draft.pending_deadline_seconds,
    base_job_template: template,
  }
  const names = Object.keys(after) as (keyof typeof after)[] // its own members
  return Object.fromEntries(names.filter((name) => !isSame(after[name], pool[name])).map((name) => [name, after[name]]))
}
