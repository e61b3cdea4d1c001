// An incident: what is wrong, what it concerns, what people say, and how it went on.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Pencil, RotateCcw } from 'lucide-react'
import { useState } from 'react'

import { messageOf } from '@/api/errors'
import { latestEventsQuery } from '@/api/events'
import { incidentQuery, resolveIncident } from '@/api/incidents'
import type { EventFilter, Incident } from '@/api/types'
import { Tags } from '@/design/badge'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Split, Stack } from '@/design/form'
import { Facts, Page, Panel } from '@/design/page'
import { SeverityBadge } from '@/design/severity'
import { Skeleton } from '@/design/skeleton'
import { RunningDuration, Time } from '@/design/time'
import { notify } from '@/design/toast'
import { EventList, readResource, ResourceLink } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import { Comments } from './comments'
import { IncidentDialog } from './incident-dialog'
import styles from './incidents.module.css'
import { StatusBadge } from './status'

const MOST = 50

/** The page. */
export function IncidentPage({ id }: { id: string }) {
  const incident = useQuery(incidentQuery(id))
  return (
    <QueryView query={incident} placeholder={<Skeleton lines={6} />} errorTitle="The incident could not be loaded">
      {(data) => <Loaded incident={data} />}
    </QueryView>
  )
}

function Loaded({ incident }: { incident: Incident }) {
  return (
    <Page
      title={incident.name}
      heading={
        <>
          {incident.name} <StatusBadge status={incident.status} /> <SeverityBadge severity={incident.severity} />
        </>
      }
      trail={<Link to="/incidents">Incidents</Link>}
      actions={<Actions incident={incident} />}
    >
      {incident.summary && <p className={styles.text}>{incident.summary}</p>}
      <Tags tags={incident.tags} />
      <Split side={<About incident={incident} />}>
        <Stack>
          <Comments incidentId={incident.id} />
          <History incident={incident} />
        </Stack>
      </Split>
    </Page>
  )
}

function About({ incident }: { incident: Incident }) {
  const concerned = incident.related_resources.map(readResource)
  return (
    <>
      <Panel title="When">
        <Facts
          facts={[
            ['Began', <Time key="began" value={incident.start_time} />],
            ['Ended', incident.end_time && <Time value={incident.end_time} />],
            [
              incident.end_time === null ? 'Lasts' : 'Lasted',
              <RunningDuration key="lasts" from={incident.start_time} to={incident.end_time} />,
            ],
            ['Declared', <Time key="declared" value={incident.created} />],
            ['Id', <code key="id">{incident.id}</code>],
          ]}
        />
      </Panel>
      <Panel title="Concerns">
        {concerned.length === 0 ? (
          <p className={styles.quiet}>Nothing in particular was named.</p>
        ) : (
          <ul>
            {concerned.map((resource) => (
              <li key={resource.id}>
                <ResourceLink resource={resource} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}

function Actions({ incident }: { incident: Incident }) {
  const client = useQueryClient()
  const [isChanging, setChanging] = useState(false)
  const isOpen = incident.status === 'open'
  const turn = useMutation({
    mutationFn: () => resolveIncident(incident.id, isOpen),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: () => notify(isOpen ? `Resolved ${incident.name}` : `Reopened ${incident.name}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  })
  return (
    <>
      <Button
        look={isOpen ? 'primary' : 'plain'}
        icon={isOpen ? <CircleCheck size={15} aria-hidden /> : <RotateCcw size={15} aria-hidden />}
        isBusy={turn.isPending}
        onClick={() => turn.mutate()}
      >
        {isOpen ? 'Resolve' : 'Reopen'}
      </Button>
      <Button icon={<Pencil size={15} aria-hidden />} onClick={() => setChanging(true)}>
        Change
      </Button>
      {isChanging && <IncidentDialog incident={incident} onClose={() => setChanging(false)} />}
    </>
  )
}

function History({ incident }: { incident: Incident }) {
  const filter = { resource: { id: [`prefect-cloud.incident.${incident.id}`] } } as EventFilter
  const query = latestEventsQuery(filter, MOST)
  // Part of the incident, so that news of it renews its history.
  const events = useQuery({ ...query, queryKey: ['incidents', 'history', incident.id] as const })
  return (
    <Panel title="History" isFlush>
      <QueryView query={events} errorTitle="Its history could not be loaded">
        {({ events: all }) =>
          all.length === 0 ? <EmptyState title="Its events are not kept any more" /> : <EventList events={all} />
        }
      </QueryView>
    </Panel>
  )
}
