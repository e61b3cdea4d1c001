// The automations that a deployment owns, or that name it.
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'

import { automationsAboutQuery } from '@/api/automations'
import { EmptyState } from '@/design/empty-state'
import { LinkButton } from '@/design/link-button'
import { Panel } from '@/design/page'
import { QueryView } from '@/features/query-view'

import { AutomationsTable } from './automations-table'

const SNIPPET = `from ostinato.events import DeploymentEventTrigger

my_flow.serve(
    name="nightly",
    triggers=[DeploymentEventTrigger(expect={"files.arrived"})],
)`

/** The panel. */
export function AutomationsAbout({ deployment }: { deployment: string }) {
  const automations = useQuery(automationsAboutQuery(deployment))
  const add = (
    <LinkButton to="/automations/new" search={{ deployment }} icon={<Plus size={15} aria-hidden />}>
      Add a trigger
    </LinkButton>
  )
  return (
    <Panel title="Triggers" actions={add} isFlush>
      <QueryView query={automations} errorTitle="The automations could not be loaded">
        {(found) =>
          found.length === 0 ? (
            <EmptyState title="No automation names it" snippet={SNIPPET}>
              An automation can run it when something happens, or do something when its runs fail or are late.
            </EmptyState>
          ) : (
            <AutomationsTable automations={found} />
          )
        }
      </QueryView>
    </Panel>
  )
}
