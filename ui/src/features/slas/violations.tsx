// Violations of agreements as rows: which run, which agreement, which deadline was missed.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { violationsQuery } from '@/api/slas'
import type { Event } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { SeverityBadge, type SeverityName } from '@/design/severity'
import { StateGlyph } from '@/design/states'
import { Time } from '@/design/time'
import { readResource, ResourceLink } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import styles from './slas.module.css'

const MOST = 50

/** The latest violations of an agreement. */
export function ViolationsOfSla({ slaId }: { slaId: string }) {
  return <Latest of={{ sla: slaId }} />
}

/** The latest violations by a deployment and its runs, also of agreements of their tags. */
export function ViolationsOfDeployment({ id }: { id: string }) {
  return <Latest of={{ deployment: id }} />
}

function Latest({ of }: { of: { sla: string } | { deployment: string } }) {
  const violations = useQuery(violationsQuery(of, MOST))
  return (
    <Panel title="Violations" isFlush>
      <QueryView query={violations} errorTitle="The violations could not be loaded">
        {({ events, total }) =>
          events.length === 0 ? (
            <EmptyState title="Never violated">
              As far as the server keeps events. What is not kept is told here within seconds, with its run.
            </EmptyState>
          ) : (
            <>
              <List events={events} />
              {total > events.length && (
                <p className={styles.more}>
                  The latest {events.length} of {total.toLocaleString('en')}.
                </p>
              )}
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

/** What a flow run has violated, for its page; nothing where it has kept everything, or so long as that is not known. */
export function ViolationsOfRun({ flowRunId }: { flowRunId: string }) {
  const violations = useQuery(violationsQuery({ flowRun: flowRunId }, MOST))
  if (!violations.isError && !violations.data?.events.length) return null
  return (
    <Panel title="Agreements that it has violated" isFlush>
      <QueryView query={violations} errorTitle="What it has violated could not be loaded">
        {({ events }) => <List events={events} isOfOneRun />}
      </QueryView>
    </Panel>
  )
}

interface Told {
  sla?: { id?: string; name?: string; severity?: SeverityName }
  deadline?: string
}

function List({ events, isOfOneRun = false }: { events: readonly Event[]; isOfOneRun?: boolean }) {
  return (
    <ol aria-label="Violations" className={styles.list}>
      {events.map((event) => {
        const { sla, deadline } = event.payload as Told // as the server tells it
        return (
          <li key={event.id} className={styles.violation}>
            <StateGlyph kind="late" />
            <span className={styles.who}>
              {!isOfOneRun && <ResourceLink resource={readResource(event.resource)} />}
              {sla?.id !== undefined && (
                <Link to="/slas/sla/$id" params={{ id: sla.id }}>
                  {sla.name}
                </Link>
              )}
              {sla?.severity !== undefined && <SeverityBadge severity={sla.severity} />}
            </span>
            <span className={styles.quiet}>
              {deadline !== undefined && (
                <>
                  missed <Time value={deadline} />
                </>
              )}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
