// What the palette lists: the objects that were found, by noun, and where each leads.
import type { useNavigate } from '@tanstack/react-router'
import { Box, CalendarClock, KeyRound, type LucideIcon, Play, Variable, Workflow, Zap } from 'lucide-react'
import type { ReactNode } from 'react'

import type { Found } from '@/api/search'
import { StateBadge } from '@/design/states'

export interface Entry {
  id: string
  label: string
  icon?: LucideIcon
  /** What is shown at the end of the line. */
  mark?: ReactNode
  act: () => void
}

export const VERBS = ['run', 'pause', 'resume'] as const
export type Verb = (typeof VERBS)[number]

/** Read `pause gpu` as what to do and with what; without a verb all of it is a name. */
export function readVerb(typed: string): { verb: Verb | null; name: string } {
  const verb = VERBS.find((each) => typed.toLowerCase().startsWith(`${each} `)) ?? null
  return { verb, name: verb === null ? typed : typed.slice(verb.length).trim() }
}

/** The objects, by headings. */
export function entriesOf(
  found: Found,
  go: ReturnType<typeof useNavigate>,
): readonly (readonly [string, readonly Entry[]])[] {
  const { runs, flows, deployments, pools, automations, blocks, variables } = found
  return [
    [
      'Flow runs',
      runs.map(({ id, name, state_type, state_name }) => ({
        id,
        label: name,
        icon: Play,
        mark: <StateBadge type={state_type} name={state_name} />,
        act: () => void go({ to: '/runs/flow-run/$id', params: { id } }),
      })),
    ],
    [
      'Deployments',
      deployments.map(({ id, name }) => ({
        id,
        label: name,
        icon: CalendarClock,
        act: () => void go({ to: '/deployments/deployment/$id', params: { id } }),
      })),
    ],
    [
      'Flows',
      flows.map(({ id, name }) => ({
        id,
        label: name,
        icon: Workflow,
        act: () => void go({ to: '/flows/flow/$id', params: { id } }),
      })),
    ],
    [
      'Work pools',
      pools.map(({ id, name }) => ({
        id,
        label: name,
        icon: Box,
        act: () => void go({ to: '/work-pools/work-pool/$name', params: { name } }),
      })),
    ],
    [
      'Automations',
      automations.map(({ id, name }) => ({
        id,
        label: name,
        icon: Zap,
        act: () => void go({ to: '/automations/automation/$id', params: { id } }),
      })),
    ],
    [
      'Blocks',
      blocks.map(({ id, name }) => ({
        id,
        label: name ?? id,
        icon: KeyRound,
        act: () => void go({ to: '/blocks/block/$id', params: { id } }),
      })),
    ],
    [
      'Variables',
      variables.map(({ id, name }) => ({
        id,
        label: name,
        icon: Variable,
        act: () => void go({ to: '/variables', search: { name } }),
      })),
    ],
  ]
}
