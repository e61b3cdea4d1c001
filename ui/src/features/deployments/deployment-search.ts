// What the address of a deployment's page can say.
import { oneOf } from '@/lib/search'

export const TABS = ['runs', 'upcoming', 'schedules', 'parameters', 'details', 'versions', 'triggers', 'slas'] as const
export type DeploymentTab = (typeof TABS)[number]

export interface DeploymentSearch {
  tab?: DeploymentTab
}

/** Read an address. */
export function readDeploymentSearch(raw: Record<string, unknown>): DeploymentSearch {
  return { tab: oneOf(raw, 'tab', TABS) }
}
