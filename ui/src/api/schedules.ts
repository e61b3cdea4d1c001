// Schedules: what they come to, and the time zones that they can be in.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'
import type { ScheduleChanges, ScheduleDraft, ScheduleTimes } from './types'

/** The names of all time zones that the server knows. */
export function timeZonesQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'time-zones'),
    queryFn: ({ signal }) => answerOf(api.GET('/schedules/time_zones', { signal })),
    staleTime: Infinity,
  })
}

/** The next instants of a schedule. Errors: ApiError, which names the member that is wrong. */
export function schedulePreviewQuery(schedule: ScheduleDraft, count: number) {
  return queryOptions({
    queryKey: keyOf('server', 'schedule-preview', schedule, count),
    queryFn: ({ signal }) => answerOf(api.POST('/schedules/preview', { body: { schedule, count }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  })
}

/** Add a schedule to a deployment. Errors: ApiError. */
export function createSchedule(deploymentId: string, schedule: ScheduleTimes) {
  return answerOf(api.POST('/deployments/{id}/schedules', { params: { path: { id: deploymentId } }, body: [schedule] }))
}

/** Change a schedule. Parameters that are left out become none; other members that are null stay. Errors: ApiError. */
export function changeSchedule(deploymentId: string, scheduleId: string, change: ScheduleChanges) {
  const params = { path: { id: deploymentId, schedule_id: scheduleId } }
  return answerOf(api.PATCH('/deployments/{id}/schedules/{schedule_id}', { params, body: change }))
}

/** Delete a schedule, with its runs that have not begun. */
export function deleteSchedule(deploymentId: string, scheduleId: string) {
  const params = { path: { id: deploymentId, schedule_id: scheduleId } }
  return answerOf(api.DELETE('/deployments/{id}/schedules/{schedule_id}', { params }))
}
