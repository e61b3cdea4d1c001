// What the addresses of automations can say.
import { oneOf, text } from '@/lib/search'

export const TABS = ['deliveries', 'firings', 'json'] as const
export type AutomationTab = (typeof TABS)[number]

export interface AutomationSearch {
  tab?: AutomationTab
}

/** Read the address of an automation. */
export function readAutomationSearch(raw: Record<string, unknown>): AutomationSearch {
  return { tab: oneOf(raw, 'tab', TABS) }
}

export interface NewSearch {
  /** The id of the event to begin from, of the automation to copy, or of the deployment whose runs it is about. */
  event?: string
  copy?: string
  deployment?: string
}

/** Read the address of a new automation. */
export function readNewSearch(raw: Record<string, unknown>): NewSearch {
  return { event: text(raw, 'event'), copy: text(raw, 'copy'), deployment: text(raw, 'deployment') }
}
