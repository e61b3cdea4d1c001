// A copy of a deployment, as it is sent.
import type { Deployment, DeploymentDraft } from '@/api/types'

import { isOwnLimit } from './edit-draft'
import { asSent } from './schedule-draft'

const COPIED = [
  'description',
  'tags',
  'labels',
  'version',
  'version_info',
  'entrypoint',
  'path',
  'pull_steps',
  'parameters',
  'parameter_openapi_schema',
  'enforce_parameter_schema',
  'work_pool_name',
  'work_queue_name',
  'job_variables',
  'storage_document_id',
  'infrastructure_document_id',
  'concurrency_options',
  'retry_on_crash',
  'max_queued',
] as const satisfies readonly (keyof Deployment & keyof DeploymentDraft)[]

/** The copy under a new name; its schedules make no runs until somebody says so. A limit of its own it gets anew. */
export function copyOf(deployment: Deployment, name: string): DeploymentDraft {
  const { global_concurrency_limit: limit, schedules } = deployment
  return {
    ...Object.fromEntries(COPIED.map((member) => [member, deployment[member]])),
    flow_id: deployment.flow_id,
    name,
    schedules: schedules.map((schedule) => asSent(schedule, { active: false })),
    ...(limit !== null &&
      (isOwnLimit(deployment) ? { concurrency_limit: limit.limit } : { global_concurrency_limit_id: limit.id })),
  }
}
