// The server itself.
import { queryOptions } from '@tanstack/react-query'

import { answerOf, api } from './client'
import { keyOf } from './keys'

/** The server's version. */
export function versionQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'version'),
    queryFn: ({ signal }) => answerOf(api.GET('/admin/version', { signal })),
    staleTime: Infinity,
  })
}

/** The version of the API. */
export function apiVersionQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'api-version'),
    queryFn: ({ signal }) => answerOf(api.GET('/version', { signal })),
    staleTime: Infinity,
  })
}

/** Whether the database answers. An answer that it does not is an answer, too. */
export function databaseQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'database'),
    queryFn: async ({ signal }) => {
      const { response } = await api.GET('/ready', { signal })
      return response.ok
    },
  })
}

/** Whether there is maintenance, and why. */
export function maintenanceQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'maintenance'),
    queryFn: ({ signal }) => answerOf(api.GET('/admin/maintenance', { signal })),
  })
}

/** The server's settings by group; secrets are masked. */
export function settingsQuery() {
  return queryOptions({
    queryKey: keyOf('server', 'settings'),
    queryFn: ({ signal }) => answerOf(api.GET('/admin/settings', { signal })),
    staleTime: Infinity,
  })
}

/** The block that results are stored in where a run names none: its id, or null. */
export function resultStorageQuery() {
  return queryOptions({
    queryKey: keyOf('blocks', 'result-storage'),
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/admin/storage', { signal }))).default_result_storage_block_id,
  })
}

/** Set that block; null: there is none. */
export function setResultStorage(blockId: string | null) {
  if (blockId === null) return answerOf(api.DELETE('/admin/storage'))
  return answerOf(api.PUT('/admin/storage', { body: { default_result_storage_block_id: blockId } }))
}
