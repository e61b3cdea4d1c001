// The names of what automations speak of, in at most one request a noun.
import { useQuery } from '@tanstack/react-query'

import { allAutomationsQuery } from '@/api/automations'
import { sendingBlocksQuery } from '@/api/blocks'
import { deploymentNamesQuery } from '@/api/deployments'
import { flowNamesQuery } from '@/api/flows'
import { queueNamesQuery } from '@/api/queue-names'
import type { Action, Trigger } from '@/api/types'
import { workPoolsQuery } from '@/api/work-pools'

import type { Names } from './words'

interface Speaks {
  trigger: Trigger
  actions: readonly Action[]
  actions_on_trigger?: readonly Action[]
  actions_on_resolve?: readonly Action[]
}

/** The names of all objects in the triggers and actions, by their ids. */
export function useNames(automations: readonly Speaks[]): Names {
  const text = JSON.stringify(automations)
  const idsOf = (pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1] ?? '')
  const flows = useQuery(flowNamesQuery(idsOf(/prefect\.flow\.([0-9a-f-]{36})/g)))
  const deployments = useQuery(
    deploymentNamesQuery(idsOf(/(?:prefect\.deployment\.|"deployment_id":")([0-9a-f-]{36})/g)),
  )
  const pools = useQuery({ ...workPoolsQuery(), enabled: /prefect\.work-pool\.[0-9a-f]|"work_pool_id":"/.test(text) })
  const queues = useQuery({
    ...queueNamesQuery(),
    enabled: /prefect\.work-queue\.[0-9a-f]|"work_queue_id":"/.test(text),
  })
  const blocks = useQuery({ ...sendingBlocksQuery('notify'), enabled: text.includes('"send-notification"') })
  const hooks = useQuery({ ...sendingBlocksQuery('webhook'), enabled: text.includes('"call-webhook"') })
  const others = useQuery({ ...allAutomationsQuery(), enabled: text.includes('"automation_id":"') })
  return new Map([
    ...(flows.data ?? []),
    ...(deployments.data ?? []),
    ...[...(pools.data ?? []), ...(queues.data ?? []), ...(others.data ?? [])].map(
      ({ id, name }) => [id, name] as const,
    ),
    ...[...(blocks.data ?? []), ...(hooks.data ?? [])].map(({ id, name }) => [id, name ?? id] as const),
  ])
}
