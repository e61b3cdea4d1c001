// A deployment as it stands in the form, and what of it has to be sent.
import type { Deployment, DeploymentChanges } from '@/api/types'
import { readValues, type SchemaValues } from '@/features/schema-form/public'
import { isSame, jsonText, readJsonObject } from '@/lib/json'
import { readSpan, spanWords } from '@/lib/spans'
import { readTags } from '@/lib/tags'

export type Collision = NonNullable<Deployment['concurrency_options']>['collision_strategy']
export type RetryOnly = NonNullable<Deployment['retry_on_crash']>['only_if']

/** The form: what is typed is text until it is read. */
export interface EditDraft {
  description: string
  tags: string
  /** Names; empty: none, and the pool's default. */
  pool: string
  queue: string
  variables: string
  parameters: SchemaValues
  isEnforced: boolean
  isPaused: boolean
  limitKind: 'none' | 'own' | 'shared'
  limit: string
  sharedLimit: string
  collision: Collision
  grace: string
  mostQueued: string
  retries: string
  retryDelay: string
  retryOnly: RetryOnly
}

/** What can be changed, as it is told to people. */
export const MEMBER_LABELS = {
  description: 'the description',
  tags: 'the tags',
  place: 'the work pool or queue',
  variables: 'the job variables',
  parameters: 'the parameters',
  isEnforced: 'whether parameters are checked',
  isPaused: 'whether it is paused',
  limit: 'the concurrency limit',
  collision: 'what becomes of runs beyond the limit',
  mostQueued: 'how many runs may wait',
  retry: 'what becomes of crashed runs',
} as const
type Member = keyof typeof MEMBER_LABELS

/** What the fields come to; each member is sent, or left as it is, by itself. */
type Members = Record<Member, DeploymentChanges>
/** What is wrong, by the names of fields. */
export type EditProblems = Partial<Record<keyof EditDraft, string>>

/** What stands in the form at first. */
export function editDraftOf(deployment: Deployment): EditDraft {
  const { concurrency_options: options, retry_on_crash: retry, global_concurrency_limit: limit } = deployment
  return {
    description: deployment.description ?? '',
    tags: deployment.tags.join(', '),
    pool: deployment.work_pool_name ?? '',
    queue: deployment.work_queue_name ?? '',
    variables: Object.keys(deployment.job_variables).length === 0 ? '' : jsonText(deployment.job_variables),
    parameters: deployment.parameters,
    isEnforced: deployment.enforce_parameter_schema,
    isPaused: deployment.paused,
    limitKind: limit === null ? 'none' : isOwnLimit(deployment) ? 'own' : 'shared',
    limit: limit !== null && isOwnLimit(deployment) ? String(limit.limit) : '1',
    sharedLimit: limit !== null && !isOwnLimit(deployment) ? limit.id : '',
    collision: options?.collision_strategy ?? 'ENQUEUE',
    grace: options?.grace_period_seconds == null ? '' : spanWords(options.grace_period_seconds),
    mostQueued: deployment.max_queued?.toString() ?? '',
    retries: retry?.max.toString() ?? '',
    retryDelay: retry === null || retry.delay === 0 ? '' : spanWords(retry.delay),
    retryOnly: retry?.only_if ?? 'never_started',
  }
}

/** Whether its limit is for its own runs only. */
export function isOwnLimit({ id, global_concurrency_limit: limit }: Deployment): boolean {
  return limit?.name === `deployment:${id}`
}

/** What has to be sent so that the deployment is as the draft says, or what is wrong with the draft. */
export function readEdit(
  before: Deployment,
  draft: EditDraft,
): { changes: DeploymentChanges; problems: null } | { changes: null; problems: EditProblems } {
  const read = membersOf(before, draft)
  if (Object.keys(read.problems).length > 0) return { changes: null, problems: read.problems }
  const changes = differing(membersOf(before, editDraftOf(before)).members, read.members)
  return {
    changes: Object.assign({}, ...changes.map((member) => read.members[member])) as DeploymentChanges,
    problems: null,
  }
}

/** What somebody else has changed since the form was opened, in words. */
export function changedMeanwhile(before: Deployment, now: Deployment): string[] {
  const then = membersOf(before, editDraftOf(before)).members
  return differing(then, membersOf(now, editDraftOf(now)).members).map((member) => MEMBER_LABELS[member])
}

function differing(before: Members, after: Members): Member[] {
  const all = Object.keys(MEMBER_LABELS) as Member[] // its own keys
  return all.filter((member) => !isSame(before[member], after[member]))
}

function membersOf(deployment: Deployment, draft: EditDraft): { members: Members; problems: EditProblems } {
  const parameters = readValues(optionalSchema(deployment), draft.parameters)
  const variables = draft.variables.trim() === '' ? { value: {} } : readJsonObject(draft.variables)
  const grace = readWithin(draft.grace, 60, 86_400)
  const delay = readWithin(draft.retryDelay, 0, 86_400)
  const limit = readCount(draft.limit, 1)
  const mostQueued = readCount(draft.mostQueued, 1)
  const retries = readCount(draft.retries, 0, 100)
  const isLimited = draft.limitKind !== 'none'
  const problems: EditProblems = {
    ...(variables.problem !== undefined && { variables: variables.problem }),
    ...(Object.keys(parameters.problems).length > 0 && { parameters: 'Not all values can be read.' }),
    ...(isLimited && grace === undefined && { grace: 'From 1m to 1d, such as 5m.' }),
    ...(delay === undefined && { retryDelay: 'At most 1d, such as 30s or 5m.' }),
    ...(draft.limitKind === 'own' && limit == null && { limit: 'A whole number of at least 1.' }),
    ...(draft.limitKind === 'shared' && draft.sharedLimit === '' && { sharedLimit: 'Choose one.' }),
    ...(mostQueued === undefined && { mostQueued: 'A whole number of at least 1.' }),
    ...(retries === undefined && { retries: 'A whole number from 0 to 100.' }),
  }
  const options = { collision_strategy: draft.collision, grace_period_seconds: grace ?? null }
  const retry = { max: retries ?? 0, delay: delay ?? 0, only_if: draft.retryOnly }
  const members: Members = {
    description: { description: draft.description || null },
    tags: { tags: readTags(draft.tags) },
    place: { work_pool_name: draft.pool || null, work_queue_name: draft.queue || null },
    variables: variablesMember(variables.value ?? {}),
    parameters: { parameters: parameters.values },
    isEnforced: { enforce_parameter_schema: draft.isEnforced },
    isPaused: { paused: draft.isPaused },
    limit: limitMember(draft, limit ?? 1),
    collision: isLimited ? { concurrency_options: options } : {},
    mostQueued: { max_queued: mostQueued ?? null },
    retry: { retry_on_crash: retries === null ? null : retry },
  }
  return { members, problems }
}

/** No values at all are not said by an empty object, which leaves those that are there. */
function variablesMember(value: Record<string, unknown>): DeploymentChanges {
  return Object.keys(value).length === 0 ? { clear: ['job_variables'] } : { job_variables: value }
}

function limitMember({ limitKind, sharedLimit }: EditDraft, limit: number): DeploymentChanges {
  if (limitKind === 'shared') return { global_concurrency_limit_id: sharedLimit }
  return { concurrency_limit: limitKind === 'own' ? limit : null }
}

/** The schema of the parameters of which runs can be told the ones that are missing. */
export function optionalSchema({ parameter_openapi_schema: schema }: Deployment) {
  return schema === null ? null : { ...schema, required: [] }
}

/** The number; null for nothing, undefined for what is none. */
function readCount(text: string, least: number, most = 2 ** 31 - 1): number | null | undefined {
  if (text.trim() === '') return null
  const count = Number(text)
  return Number.isInteger(count) && count >= least && count <= most ? count : undefined
}

/** The seconds; null for nothing, undefined for what is no span or lies outside. */
function readWithin(text: string, least: number, most: number): number | null | undefined {
  if (text.trim() === '') return null
  const seconds = readSpan(text)
  return seconds !== null && seconds >= least && seconds <= most ? seconds : undefined
}
