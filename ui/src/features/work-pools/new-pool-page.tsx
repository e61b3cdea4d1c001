// Makes a work pool in three steps: its type, its name and limits, and what its runs become.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import { createWorkPool, type WorkerType, workerTypesQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import { type PoolDraft, PoolFields } from './pool-fields'
import { type NewPoolSearch, type Step, STEPS } from './search'
import { TemplateEditor } from './template-editor'
import { usePoolMutation } from './use-pool-mutation'
import styles from './work-pools.module.css'

const EMPTY: PoolDraft = { name: '', description: null, concurrency_limit: null, pending_deadline_seconds: null }

interface NewPoolPageProps {
  search: NewPoolSearch
  onStep: (search: NewPoolSearch) => void
}

/** The page. */
export function NewPoolPage({ search, onStep }: NewPoolPageProps) {
  const types = useQuery(workerTypesQuery())
  return (
    <Page title="New work pool" trail={<Link to="/work-pools">Work pools</Link>}>
      <QueryView
        query={types}
        placeholder={<Skeleton lines={6} height="4rem" />}
        errorTitle="The types of work pools could not be loaded"
      >
        {(all) => {
          const type = all.find((each) => each.type === search.type)
          if (type === undefined || search.step === 'type') return <TypeStep types={all} chosen={type} />
          return <PoolSteps key={type.type} type={type} step={search.step ?? 'details'} onStep={onStep} />
        }}
      </QueryView>
    </Page>
  )
}

const STEP_NAMES: Record<Step, string> = { type: 'Type', details: 'Details', template: 'Base job template' }

function Steps({ step }: { step: Step }) {
  return (
    <ol className={styles.steps} aria-label="Steps">
      {STEPS.map((each, index) => (
        <li key={each} aria-current={each === step ? 'step' : undefined}>
          {index + 1}. {STEP_NAMES[each]}
        </li>
      ))}
    </ol>
  )
}

function TypeStep({ types, chosen }: { types: readonly WorkerType[]; chosen: WorkerType | undefined }) {
  return (
    <>
      <Steps step="type" />
      <p>Where are the runs to be executed? The type cannot be changed later.</p>
      <ul className={styles.cards} aria-label="Types">
        {types.map((type) => (
          <li key={type.type} className={styles.card} data-chosen={type === chosen || undefined}>
            <Link to="/work-pools/new" search={{ type: type.type, step: 'details' }} className={styles.cardLink}>
              {type.display_name}
            </Link>
            <p className={styles.quiet}>{type.description}</p>
          </li>
        ))}
      </ul>
    </>
  )
}

interface PoolStepsProps {
  type: WorkerType
  step: Step
  onStep: (search: NewPoolSearch) => void
}

/** The steps after the type; what is typed stays as one goes back and forth. */
function PoolSteps({ type, step, onStep }: PoolStepsProps) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(EMPTY)
  const [template, setTemplate] = useState(type.default_base_job_configuration)
  const [problem, setProblem] = useState<string | null>(null)
  const create = usePoolMutation(
    () => createWorkPool({ ...draft, name: draft.name.trim(), type: type.type, base_job_template: template }),
    {
      onSuccess: ({ name }) => {
        notify(`Made the work pool ${name}`)
        void navigate({ to: '/work-pools/work-pool/$name', params: { name }, search: { tab: 'workers' } })
      },
      isTold: true,
    },
  )
  // An address can lead to the last step, a name cannot come along.
  const shown = draft.name.trim() === '' ? 'details' : step
  const goTo = (next: Step) => onStep({ type: type.type, step: next })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (shown === 'details') goTo('template')
    else create.mutate()
  }
  return (
    <>
      <Steps step={shown} />
      <form className={styles.wide} onSubmit={submit}>
        {shown === 'details' ? (
          <Panel title={`A work pool of type ${type.display_name}`}>
            <div className={styles.form}>
              <PoolFields draft={draft} onChange={setDraft} />
            </div>
          </Panel>
        ) : (
          <TemplateEditor template={template} onChange={setTemplate} problem={problem} onProblem={setProblem} />
        )}
        {create.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(create.error)}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={() => goTo(shown === 'details' ? 'type' : 'details')}>Back</Button>
          {shown === 'details' ? (
            <Button look="primary" type="submit">
              Next
            </Button>
          ) : (
            <Button look="primary" type="submit" isBusy={create.isPending} disabled={problem !== null}>
              Create the work pool
            </Button>
          )}
        </div>
      </form>
    </>
  )
}
