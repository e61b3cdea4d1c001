// Automations as rows: what each waits for, what it does, whether it is on, and when it last fired.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { latestEventsQuery } from '@/api/events'
import type { Automation, EventFilter } from '@/api/types'
import { Tags } from '@/design/badge'
import { columnsOf, DataTable } from '@/design/data-table'
import { Time } from '@/design/time'

import styles from './automations.module.css'
import { EnabledSwitch } from './enabled-switch'
import { useNames } from './use-names'
import { actionWords, type Names, triggerWords } from './words'

const MOST_FIRINGS = 50
const FIRED = ['prefect.automation.triggered']

interface AutomationRow {
  automation: Automation
  names: Names
  fired: string | undefined
}

const helper = columnsOf<AutomationRow>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Automation',
    cell: ({ row: { original } }) => (
      <div className={styles.name}>
        <Link to="/automations/automation/$id" params={{ id: original.automation.id }}>
          {original.automation.name}
        </Link>
        {original.automation.description && <span className={styles.sub}>{original.automation.description}</span>}
      </div>
    ),
  }),
  helper.display({
    id: 'trigger',
    header: 'Trigger',
    cell: ({ row: { original } }) => triggerWords(original.automation.trigger, original.names),
  }),
  helper.display({
    id: 'actions',
    header: 'Actions',
    cell: ({ row: { original } }) => <ActionList automation={original.automation} names={original.names} />,
  }),
  helper.display({
    id: 'fired',
    header: 'Last fired',
    cell: ({ row: { original } }) =>
      original.fired === undefined ? (
        <span className={styles.sub}>Not lately</span>
      ) : (
        <Time value={original.fired} look="relative" />
      ),
  }),
  helper.display({
    id: 'tags',
    header: 'Tags',
    cell: ({ row: { original } }) => <Tags tags={original.automation.tags} />,
  }),
  helper.display({
    id: 'enabled',
    header: 'Enabled',
    cell: ({ row: { original } }) => <EnabledSwitch automation={original.automation} />,
  }),
])

/** The table. */
export function AutomationsTable({ automations }: { automations: readonly Automation[] }) {
  const names = useNames(automations)
  const ids = automations.map(({ id }) => `prefect.automation.${id}`)
  const filter = { event: { name: FIRED }, resource: { id: ids, distinct: true } } as EventFilter
  const firings = useQuery(latestEventsQuery(filter, MOST_FIRINGS))
  const rows = useMemo(() => {
    const fired = new Map<string, string>()
    for (const { resource, occurred } of firings.data?.events ?? []) {
      const id = resource['prefect.resource.id'] ?? ''
      if (!fired.has(id)) fired.set(id, occurred)
    }
    return automations.map((automation) => ({
      automation,
      names,
      fired: fired.get(`prefect.automation.${automation.id}`),
    }))
  }, [automations, names, firings.data])
  return <DataTable caption="Automations" columns={columns} rows={rows} rowKey={({ automation }) => automation.id} />
}

function ActionList({ automation, names }: { automation: Automation; names: Names }) {
  const all = [...automation.actions, ...automation.actions_on_trigger, ...automation.actions_on_resolve]
  return (
    <ul>
      {all.map((action, index) => (
        <li key={index}>{actionWords(action, names)}</li>
      ))}
    </ul>
  )
}
