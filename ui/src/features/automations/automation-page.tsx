// An automation: what it waits for and does, in words and as JSON; its firings, and what became of its actions.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CopyPlus, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { automationQuery, deleteAutomation } from '@/api/automations'
import { latestEventsQuery } from '@/api/events'
import type { Action, Automation, EventFilter } from '@/api/types'
import { Tags } from '@/design/badge'
import { Button } from '@/design/button'
import { JsonBlock } from '@/design/code-block'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { EmptyState } from '@/design/empty-state'
import { Columns, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { EventList } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import styles from './automations.module.css'
import { Deliveries } from './deliveries'
import { draftOf } from './draft'
import { EnabledSwitch } from './enabled-switch'
import type { AutomationSearch, AutomationTab } from './search'
import { useNames } from './use-names'
import { actionWords, type Names, triggerWords } from './words'

const MOST = 50

interface AutomationPageProps {
  id: string
  search: AutomationSearch
  onSearch: (search: AutomationSearch) => void
}

/** The page. */
export function AutomationPage({ id, search, onSearch }: AutomationPageProps) {
  const automation = useQuery(automationQuery(id))
  return (
    <QueryView query={automation} placeholder={<Skeleton lines={6} />} errorTitle="The automation could not be loaded">
      {(data) => <Loaded automation={data} search={search} onSearch={onSearch} />}
    </QueryView>
  )
}

function Loaded({ automation, search, onSearch }: { automation: Automation } & Omit<AutomationPageProps, 'id'>) {
  const names = useNames([automation])
  const tabs = [
    {
      value: 'deliveries' as AutomationTab,
      label: 'Deliveries',
      content: () => <Deliveries automationId={automation.id} />,
    },
    { value: 'firings' as AutomationTab, label: 'Firings', content: () => <Firings automation={automation} /> },
    {
      value: 'json' as AutomationTab,
      label: 'JSON',
      content: () => (
        <Panel title="As JSON">
          <JsonBlock value={draftOf(automation)} label="The automation" />
        </Panel>
      ),
    },
  ]
  return (
    <Page
      title={automation.name}
      heading={
        <>
          {automation.name} <EnabledSwitch automation={automation} />
        </>
      }
      trail={<Link to="/automations">Automations</Link>}
      actions={<Actions automation={automation} />}
    >
      {automation.description && <p>{automation.description}</p>}
      <Tags tags={automation.tags} />
      <Columns>
        <Panel title="Trigger">
          <p className={styles.words}>{triggerWords(automation.trigger, names)}</p>
        </Panel>
        <Steps title="Actions" actions={automation.actions} names={names} />
        <Steps title="Actions when it fires" actions={automation.actions_on_trigger} names={names} />
        <Steps title="Actions when it is over" actions={automation.actions_on_resolve} names={names} />
      </Columns>
      <Tabs
        label="About the automation"
        value={search.tab ?? 'deliveries'}
        onChange={(tab) => onSearch({ tab })}
        tabs={tabs}
      />
    </Page>
  )
}

function Steps({ title, actions, names }: { title: string; actions: readonly Action[]; names: Names }) {
  if (actions.length === 0) return null
  return (
    <Panel title={title}>
      <ol className={styles.steps}>
        {actions.map((action, index) => (
          <li key={index}>
            <span className={styles.number} aria-hidden>
              {index + 1}
            </span>
            {actionWords(action, names)}
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Actions({ automation }: { automation: Automation }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [isAsked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: () => deleteAutomation(automation.id),
    onSuccess: async () => {
      await navigate({ to: '/automations' })
      await client.invalidateQueries({ queryKey: ['automations'] })
    },
  })
  return (
    <>
      <Button
        icon={<Pencil size={15} aria-hidden />}
        onClick={() => void navigate({ to: '/automations/edit/$id', params: { id: automation.id } })}
      >
        Change and back-test
      </Button>
      <Button
        icon={<CopyPlus size={15} aria-hidden />}
        onClick={() => void navigate({ to: '/automations/new', search: { copy: automation.id } })}
      >
        Copy
      </Button>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setAsked(true)}>
        Delete
      </Button>
      {isAsked && (
        <ConfirmDialog
          title={`Delete ${automation.name}?`}
          description="It does not fire any more. What it has done stays in the events."
          verb="Delete the automation"
          done={`Deleted ${automation.name}`}
          mutation={remove}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}

function Firings({ automation }: { automation: Automation }) {
  const filter = {
    event: { name: ['prefect.automation.triggered', 'prefect.automation.resolved'] },
    resource: { id: [`prefect.automation.${automation.id}`] },
  } as EventFilter
  const firings = useQuery(latestEventsQuery(filter, MOST))
  return (
    <Panel title="Firings" isFlush>
      <QueryView query={firings} errorTitle="The firings could not be loaded">
        {({ events }) =>
          events.length === 0 ? (
            <EmptyState title="It has not fired">
              Change and back-test it to see what it would have answered to, and why it did not.
            </EmptyState>
          ) : (
            <EventList events={events} />
          )
        }
      </QueryView>
    </Panel>
  )
}
