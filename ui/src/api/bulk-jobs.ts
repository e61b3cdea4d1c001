// Bulk jobs: one change of all flow runs that match, which the server works off.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { type FlowRunsAsked, whereOf } from './flow-runs'
import { keyOf } from './keys'
import type { BulkJob, StateCreate } from './types'

export type BulkAction = BulkJob['action']
/** Which flow runs: as the list of them is asked for. */
export type BulkWhere = Pick<FlowRunsAsked, 'filter' | 'flowId' | 'workPool'>

const RECENT = 5

/** How many flow runs match now, by state. */
export function bulkPreviewQuery(where: BulkWhere) {
  return queryOptions({
    queryKey: keyOf('flow-runs', 'bulk-preview', where),
    queryFn: ({ signal }) => answerOf(api.POST('/bulk_jobs/preview', { body: { ...whereOf(where) }, signal })),
    // It is a snapshot for one question.
    staleTime: Infinity,
    gcTime: 0,
  })
}

/** The jobs that were asked for last. */
export function recentBulkJobsQuery() {
  return queryOptions({
    queryKey: keyOf('bulk-jobs', 'recent'),
    queryFn: ({ signal }) => answerOf(api.POST('/bulk_jobs/filter', { body: { limit: RECENT }, signal })),
  })
}

/** Have all flow runs that match changed. Errors: ApiError. */
export function createBulkJob(action: BulkAction, where: BulkWhere, state?: { state: StateCreate; force: boolean }) {
  return answerOf(api.POST('/bulk_jobs/', { body: { ...whereOf(where), action, ...state } }))
}

/** Leave the flow runs as they are whose turn has not come. Errors: ApiError. */
export function stopBulkJob(id: string) {
  return answerOf(api.POST('/bulk_jobs/{id}/stop', { params: { path: { id } } }))
}

/** Whether a job waits or is worked off. */
export function isUnfinished(job: BulkJob): boolean {
  return job.status === 'pending' || job.status === 'running'
}
