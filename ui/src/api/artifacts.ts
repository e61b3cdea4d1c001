// Artifacts: what runs leave for people to see, and the latest one of each key.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

/** How many artifacts of a run are asked for at most. */
export const MOST_ARTIFACTS = 100
/** How many versions of a key are on a page. */
export const VERSIONS = 25
const NEWEST = 'CREATED_DESC' as const

export interface ArtifactsAsked {
  key?: string
  type?: string
  page: number
  limit: number
}

/** A page of the latest artifacts of keys, those that changed last first, with how many keys there are. */
export function latestArtifactsQuery({ key, type, page, limit }: ArtifactsAsked) {
  const artifacts = {
    ...(key !== undefined && { key: { like_: key } }),
    ...(type !== undefined && { type: { any_: [type] } }),
  }
  return queryOptions({
    queryKey: keyOf('artifacts', 'latest', artifacts, page, limit),
    queryFn: async ({ signal }) => {
      const body = { artifacts, sort: 'UPDATED_DESC', limit, offset: (page - 1) * limit } as const
      const [results, count] = await Promise.all([
        answerOf(api.POST('/artifacts/latest/filter', { body, signal })),
        answerOf(api.POST('/artifacts/latest/count', { body: { artifacts }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** One artifact. */
export function artifactQuery(id: string) {
  return queryOptions({
    queryKey: keyOf('artifacts', 'one', id),
    queryFn: ({ signal }) => answerOf(api.GET('/artifacts/{id}', { params: { path: { id } }, signal })),
  })
}

/** A page of the versions of a key, the newest first, with how many there are. */
export function artifactVersionsQuery(key: string, page: number) {
  const artifacts = { key: { any_: [key] } }
  return queryOptions({
    queryKey: keyOf('artifacts', 'versions', key, page),
    queryFn: async ({ signal }) => {
      const body = { artifacts, sort: NEWEST, limit: VERSIONS, offset: (page - 1) * VERSIONS }
      const [results, count] = await Promise.all([
        answerOf(api.POST('/artifacts/filter', { body, signal })),
        answerOf(api.POST('/artifacts/count', { body: { artifacts }, signal })),
      ])
      return { results, count, page }
    },
    placeholderData: keepPreviousData,
  })
}

/** What artifacts were left by: a flow run with its tasks, or one task run. */
export type ArtifactsOf = { flowRunId: string } | { taskRunId: string }

/** The artifacts of a run, the newest first. */
export function artifactsOfRunQuery(of: ArtifactsOf) {
  const run = 'flowRunId' in of ? { flow_run_id: { any_: [of.flowRunId] } } : { task_run_id: { any_: [of.taskRunId] } }
  const body = { artifacts: run, sort: NEWEST, limit: MOST_ARTIFACTS }
  return queryOptions({
    queryKey: keyOf('artifacts', 'of-run', of),
    queryFn: ({ signal }) => answerOf(api.POST('/artifacts/filter', { body, signal })),
  })
}

/** Delete an artifact. */
export function deleteArtifact(id: string) {
  return answerOf(api.DELETE('/artifacts/{id}', { params: { path: { id } } }))
}
