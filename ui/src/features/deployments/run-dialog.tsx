// A run of a deployment with parameters, a name, tags, a time, job variables or a queue of its own.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'

import { type RunAsked, runDeployment } from '@/api/deployments'
import { messageOf } from '@/api/errors'
import { validateValues } from '@/api/schemas'
import type { Deployment, FlowRun } from '@/api/types'
import { workPoolQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { Field, TextInput } from '@/design/field'
import { Dialog } from '@/design/overlays'
import { DateTimeInput } from '@/features/datetime-input'
import {
  initialValues,
  isSame,
  type Problems,
  problemsOf,
  readValues,
  type Schema,
  SchemaForm,
  type SchemaValues,
} from '@/features/schema-form/public'
import { readTags } from '@/lib/tags'

import styles from './deployments.module.css'

interface RunDialogProps {
  deployment: Deployment
  /** The run whose parameters and job variables are the ones to begin with, instead of the deployment's. */
  like?: Pick<FlowRun, 'name' | 'parameters' | 'job_variables'>
  onClose: () => void
}

/** What can be said of the run besides its parameters. */
interface More {
  name: string
  at: string | undefined
  tags: string
  message: string
  queue: string
  variables: SchemaValues
}

/** The dialog. */
export function RunDialog({ deployment, like, onClose }: RunDialogProps) {
  const navigate = useNavigate()
  const schema = deployment.parameter_openapi_schema
  const [parameters, setParameters] = useState<SchemaValues>(() =>
    initialValues(schema, { ...deployment.parameters, ...like?.parameters }),
  )
  const [more, setMore] = useState<More>(() => ({ ...NOTHING, variables: like?.job_variables ?? {} }))
  const [problems, setProblems] = useState<Problems>({})
  const run = useMutation({
    mutationFn: async (asked: RunAsked) => {
      const found = await problemsWith(deployment, asked.parameters ?? {})
      setProblems(found)
      return Object.keys(found).length > 0 ? null : runDeployment(deployment.id, asked)
    },
    onSuccess: async (made) => {
      if (made === null) return
      onClose()
      await navigate({ to: '/runs/flow-run/$id', params: { id: made.id } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readValues(schema, parameters)
    const variables = readValues(null, more.variables)
    setProblems(read.problems)
    if (Object.keys({ ...read.problems, ...variables.problems }).length > 0) return
    run.mutate({ parameters: read.values, ...askedOf(more, variables.values) })
  }
  const count = Object.keys(problems).length
  return (
    <Dialog
      title={`Run ${deployment.name}`}
      description={like && `With what ${like.name} was given: change what should differ.`}
      isOpen
      onOpenChange={onClose}
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <SchemaForm
          schema={schema}
          values={parameters}
          problems={problems}
          onChange={setParameters}
          canRefer
          none="The flow takes no parameters."
        />
        <MoreFields deployment={deployment} more={more} onChange={setMore} />
        {count > 0 && (
          <Problem>{count === 1 ? 'One value does not fit yet.' : `${count} values do not fit yet.`}</Problem>
        )}
        {run.isError && <Problem>{messageOf(run.error)}</Problem>}
        <Button look="primary" type="submit" isBusy={run.isPending}>
          {more.at === undefined ? 'Run' : 'Schedule the run'}
        </Button>
      </form>
    </Dialog>
  )
}

const NOTHING: More = { name: '', at: undefined, tags: '', message: '', queue: '', variables: {} }

function askedOf(more: More, variables: Record<string, unknown>): RunAsked {
  const tags = readTags(more.tags)
  return {
    ...(Object.keys(variables).length > 0 && { job_variables: variables }),
    ...(more.name !== '' && { name: more.name }),
    ...(more.at !== undefined && { at: more.at }),
    ...(tags.length > 0 && { tags }),
    ...(more.message !== '' && { message: more.message }),
    ...(more.queue !== '' && { work_queue_name: more.queue }),
  }
}

async function problemsWith(deployment: Deployment, values: Record<string, unknown>): Promise<Problems> {
  const schema = deployment.parameter_openapi_schema
  if (!deployment.enforce_parameter_schema || schema === null) return {}
  const errors = await validateValues(schema, { ...deployment.parameters, ...values })
  return problemsOf(errors)
}

interface MoreProps {
  deployment: Deployment
  more: More
  onChange: (more: More) => void
}

function MoreFields({ deployment, more, onChange }: MoreProps) {
  const change = (part: Partial<More>) => onChange({ ...more, ...part })
  const isChanged = !isSame(more, NOTHING)
  return (
    <details className={styles.more} open={isChanged || undefined}>
      <summary>Name, time, tags{deployment.work_pool_name !== null && ', job variables, queue'}</summary>
      <div className={styles.form}>
        <Field label="Name of the run" hint="Empty: one is made up.">
          {(props) => (
            <TextInput {...props} value={more.name} onChange={({ target }) => change({ name: target.value })} />
          )}
        </Field>
        <Field label="Start" hint="Empty: at once.">
          {(props) => <DateTimeInput {...props} value={more.at} onChange={(at) => change({ at })} />}
        </Field>
        <Field
          label="Tags"
          hint={`With commas between them; beside ${deployment.tags.join(', ') || 'none'} of the deployment.`}
        >
          {(props) => (
            <TextInput {...props} value={more.tags} onChange={({ target }) => change({ tags: target.value })} />
          )}
        </Field>
        <Field label="Message" hint="Why it is run: its first state says so.">
          {(props) => (
            <TextInput {...props} value={more.message} onChange={({ target }) => change({ message: target.value })} />
          )}
        </Field>
        {deployment.work_pool_name !== null && (
          <>
            <Field label="Work queue" hint={`Empty: ${deployment.work_queue_name ?? 'default'}.`}>
              {(props) => (
                <TextInput {...props} value={more.queue} onChange={({ target }) => change({ queue: target.value })} />
              )}
            </Field>
            <JobVariables deployment={deployment} pool={deployment.work_pool_name} more={more} onChange={onChange} />
          </>
        )}
      </div>
    </details>
  )
}

function JobVariables({ deployment, pool, more, onChange }: MoreProps & { pool: string }) {
  const { data } = useQuery(workPoolQuery(pool))
  const schema = (data?.base_job_template as { variables?: Schema } | undefined)?.variables
  if (schema === undefined) return null
  const kept = Object.entries(deployment.job_variables)
  return (
    <fieldset className={styles.group}>
      <legend>Job variables, where they differ from the deployment’s</legend>
      <SchemaForm
        schema={schema}
        values={more.variables}
        problems={{}}
        onChange={(variables) => onChange({ ...more, variables })}
        placeholders={Object.fromEntries(
          kept.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
        )}
      />
    </fieldset>
  )
}

function Problem({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className={styles.problem}>
      {children}
    </p>
  )
}
