// Changes a deployment: only what was changed is sent, so that nobody else's change is undone.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'

import { deploymentQuery, updateDeployment } from '@/api/deployments'
import { ApiError, messageOf } from '@/api/errors'
import { validateValues } from '@/api/schemas'
import type { Deployment, DeploymentChanges } from '@/api/types'
import { workPoolQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { Form } from '@/design/form'
import { LinkButton } from '@/design/link-button'
import { Page, Panel, Row } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'
import { type Problems, problemsOf, type Schema } from '@/features/schema-form/public'

import {
  changedMeanwhile,
  type EditDraft,
  editDraftOf,
  type EditProblems,
  optionalSchema,
  readEdit,
} from './edit-draft'
import { AboutFields, ParameterFields, PlaceFields, RunFields } from './edit-fields'

/** The page. */
export function EditPage({ id }: { id: string }) {
  const deployment = useQuery(deploymentQuery(id))
  return (
    <QueryView query={deployment} placeholder={<Skeleton lines={8} />} errorTitle="The deployment could not be loaded">
      {(data) => <Editor now={data} />}
    </QueryView>
  )
}

/** What is wrong with what was typed: with fields, and with single parameters. */
interface Wrong {
  fields: EditProblems
  parameters: Problems
}
const NOTHING: Wrong = { fields: {}, parameters: {} }

function Editor({ now }: { now: Deployment }) {
  const form = useId()
  const client = useQueryClient()
  const navigate = useNavigate()
  // What is being changed is not taken away by news; they are told of.
  const [before] = useState(now)
  const [draft, setDraft] = useState(() => editDraftOf(before))
  const [wrong, setWrong] = useState(NOTHING)
  const here = { to: '/deployments/deployment/$id', params: { id: before.id } } as const
  const save = useMutation({
    mutationFn: async () => {
      const read = readEdit(before, draft)
      const found =
        read.changes === null
          ? { ...NOTHING, fields: read.problems }
          : await refused(before, draft, read.changes, (name) => client.fetchQuery(workPoolQuery(name)))
      setWrong(found)
      if (read.changes === null || count(found) > 0) return false
      if (Object.keys(read.changes).length > 0) await updateDeployment(before.id, read.changes)
      return true
    },
    onSuccess: async (isSaved) => {
      if (!isSaved) return
      notify(`Saved ${before.name}`)
      await client.invalidateQueries({ queryKey: ['deployments'] })
      await navigate(here)
    },
    onError: (error) => setWrong({ ...NOTHING, fields: fieldsOf(error) }),
  })
  const part = {
    deployment: before,
    draft,
    problems: wrong.fields,
    onChange: (more: Partial<EditDraft>) => setDraft({ ...draft, ...more }),
  }
  return (
    <Page
      title={`Edit ${before.name}`}
      trail={
        <>
          <Link to="/deployments">Deployments</Link>
          <span aria-hidden>/</span>
          <Link {...here}>{before.name}</Link>
        </>
      }
    >
      <Meanwhile before={before} now={now} />
      <Form id={form} onSubmit={save.mutate} problem={problemOf(wrong, save.error)}>
        <Panel title="About it">
          <AboutFields {...part} />
        </Panel>
        <Panel title="Parameters">
          <ParameterFields {...part} wrong={wrong.parameters} />
        </Panel>
        <Panel title="Where it runs">
          <PlaceFields {...part} />
        </Panel>
        <Panel title="Its runs">
          <RunFields {...part} />
        </Panel>
      </Form>
      <Row>
        <LinkButton {...here}>Back</LinkButton>
        <Button look="primary" type="submit" form={form} isBusy={save.isPending}>
          Save the deployment
        </Button>
      </Row>
    </Page>
  )
}

/** Tells what others have changed since the page was opened. */
function Meanwhile({ before, now }: { before: Deployment; now: Deployment }) {
  const changed = changedMeanwhile(before, now)
  if (changed.length === 0) return null
  return (
    <Panel>
      <p role="status">
        Somebody has changed {changed.join(', ')} meanwhile. What you do not touch stays as they have made it.
      </p>
    </Panel>
  )
}

function count({ fields, parameters }: Wrong): number {
  return Object.keys({ ...fields, ...parameters }).length
}

function problemOf(wrong: Wrong, error: Error | null): string | null {
  const number = count(wrong)
  if (number > 0) return number === 1 ? 'One value does not fit yet.' : `${number} values do not fit yet.`
  return error && messageOf(error)
}

/** What the server's schemas refuse of what is to be sent. */
async function refused(
  before: Deployment,
  draft: EditDraft,
  changes: DeploymentChanges,
  poolOf: (name: string) => Promise<{ base_job_template: Record<string, unknown> }>,
): Promise<Wrong> {
  const schema = optionalSchema(before)
  const isChecked = draft.isEnforced && ('parameters' in changes || 'enforce_parameter_schema' in changes)
  const values = changes.parameters ?? before.parameters
  const parameters = isChecked && schema !== null ? problemsOf(await validateValues(schema, values)) : {}
  const isPlaced = draft.pool !== '' && ('job_variables' in changes || 'work_pool_name' in changes)
  if (!isPlaced) return { fields: {}, parameters }
  const variables = (await poolOf(draft.pool)).base_job_template.variables as Schema | undefined
  if (variables === undefined || Object.keys(variables).length === 0) return { fields: {}, parameters }
  const given = changes.job_variables ?? (changes.clear ? {} : before.job_variables)
  const misfits = Object.entries(problemsOf(await validateValues({ ...variables, required: [] }, given)))
  const words = misfits.map(([place, problem]) => (place === '' ? problem : `${place}: ${problem}`)).join('; ')
  return { fields: misfits.length > 0 ? { variables: `${draft.pool}: ${words}` } : {}, parameters }
}

/** The fields that the server's members are typed into. */
const FIELDS: Record<string, keyof EditDraft> = {
  description: 'description',
  tags: 'tags',
  job_variables: 'variables',
  parameters: 'parameters',
  concurrency_limit: 'limit',
  'concurrency_options.grace_period_seconds': 'grace',
  global_concurrency_limit_id: 'sharedLimit',
  max_queued: 'mostQueued',
  'retry_on_crash.max': 'retries',
  'retry_on_crash.delay': 'retryDelay',
}

function fieldsOf(error: Error): EditProblems {
  if (!(error instanceof ApiError)) return {}
  const told = [...error.places].map(([place, words]) => {
    const field = Object.entries(FIELDS).find(([name]) => place === name || place.startsWith(`${name}.`))?.[1]
    return field === undefined ? [] : [[field, words] as const]
  })
  return Object.fromEntries(told.flat())
}
