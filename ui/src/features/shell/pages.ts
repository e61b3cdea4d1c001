// The pages that the navigation and the command palette lead to: a new page is a line here.
import {
  Activity,
  Box,
  CalendarClock,
  CircleGauge,
  FileChartColumn,
  Gauge,
  KeyRound,
  type LucideIcon,
  Play,
  Settings,
  Siren,
  Target,
  Variable,
  Webhook,
  Workflow,
  Zap,
} from 'lucide-react'

interface PageLink {
  to:
    | '/artifacts'
    | '/automations'
    | '/blocks'
    | '/concurrency-limits'
    | '/dashboard'
    | '/deployments'
    | '/events'
    | '/flows'
    | '/incidents'
    | '/runs'
    | '/settings'
    | '/slas'
    | '/variables'
    | '/webhooks'
    | '/work-pools'
  /** Typed after `g`, it leads here. */
  key: string
  label: string
  icon: LucideIcon
  /** Other words that people look for. */
  words: string
}

export const PAGES: readonly PageLink[] = [
  { to: '/dashboard', key: 'h', label: 'Dashboard', icon: Gauge, words: 'home overview activity' },
  { to: '/runs', key: 'r', label: 'Runs', icon: Play, words: 'flow runs history failed late' },
  { to: '/flows', key: 'f', label: 'Flows', icon: Workflow, words: 'code' },
  { to: '/deployments', key: 'd', label: 'Deployments', icon: CalendarClock, words: 'schedules' },
  { to: '/work-pools', key: 'w', label: 'Work pools', icon: Box, words: 'workers queues' },
  {
    to: '/automations',
    key: 'a',
    label: 'Automations',
    icon: Zap,
    words: 'triggers actions notifications alerts back-test',
  },
  { to: '/events', key: 'e', label: 'Events', icon: Activity, words: 'feed stream audit what happened' },
  { to: '/incidents', key: 'i', label: 'Incidents', icon: Siren, words: 'open declare wrong outage resolve' },
  { to: '/slas', key: 'l', label: 'SLAs', icon: Target, words: 'service level agreements violations late deadlines' },
  { to: '/webhooks', key: 'k', label: 'Webhooks', icon: Webhook, words: 'inbound hooks receive github' },
  { to: '/variables', key: 'v', label: 'Variables', icon: Variable, words: 'configuration values' },
  { to: '/blocks', key: 'b', label: 'Blocks', icon: KeyRound, words: 'credentials secrets storage notification' },
  { to: '/concurrency-limits', key: 'c', label: 'Concurrency', icon: CircleGauge, words: 'limits slots tags rate' },
  { to: '/artifacts', key: 't', label: 'Artifacts', icon: FileChartColumn, words: 'results tables markdown reports' },
  { to: '/settings', key: 's', label: 'Settings', icon: Settings, words: 'theme time zone version' },
]
