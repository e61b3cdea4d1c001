// What the address says about a flow.
import { oneOf } from '@/lib/search'

const TABS = ['runs', 'deployments', 'details'] as const
export const FLOW_RANGES = ['24h', '7d', '30d'] as const
export type FlowRange = (typeof FLOW_RANGES)[number]

export interface FlowSearch {
  tab?: (typeof TABS)[number]
  /** The time of the sums. */
  range?: FlowRange
}

/** Read an address. */
export function readFlowSearch(raw: Record<string, unknown>): FlowSearch {
  return { tab: oneOf(raw, 'tab', TABS), range: oneOf(raw, 'range', FLOW_RANGES) }
}
