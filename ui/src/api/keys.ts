// Names of what the browser keeps of the server's answers: the noun first, so that news of a noun renews all of it.

export type Noun =
  | 'artifacts'
  | 'automations'
  | 'blocks'
  | 'bulk-jobs'
  | 'concurrency-limits'
  | 'deployments'
  | 'events'
  | 'flow-runs'
  | 'flows'
  | 'incidents'
  | 'latest-events'
  | 'saved-searches'
  | 'server'
  | 'slas'
  | 'task-runs'
  | 'variables'
  | 'work-pool-loads'
  | 'webhooks'
  | 'work-pools'

/** The key of an answer about a noun: what was asked, and with what. */
export function keyOf(noun: Noun, asked: string, ...words: unknown[]) {
  return [noun, asked, ...words] as const
}
