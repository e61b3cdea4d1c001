// What the actions of the draft would do, with their templates filled in from an event that has happened.
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Eye } from 'lucide-react'
import { useState } from 'react'

import { previewAutomation } from '@/api/automations'
import { messageOf } from '@/api/errors'
import { latestEventsQuery } from '@/api/events'
import type { AutomationDraft, Event } from '@/api/types'
import { Badge } from '@/design/badge'
import { Button } from '@/design/button'
import { Select } from '@/design/field'
import { Panel, Row } from '@/design/page'
import { useZone } from '@/design/time'
import { eventWords } from '@/features/events/public'
import { formatInstant } from '@/lib/time'

import styles from './automations.module.css'
import { RenderedActions } from './rendered-actions'
import { namesOf } from './trigger-reading'

const MOST = 20

interface PreviewPanelProps {
  draft: AutomationDraft
  isReadable: boolean
  /** The event that the draft was begun from. */
  first?: Event
}

/** The panel. */
export function PreviewPanel({ draft, isReadable, first }: PreviewPanelProps) {
  const [zone] = useZone()
  const events = useChoices(draft, first)
  const [chosen, choose] = useState<string>()
  const id = events.some((event) => event.id === chosen) ? chosen : events[0]?.id
  const preview = useMutation({
    mutationFn: async (asked: AutomationDraft) => {
      const named = { ...asked, name: asked.name || 'Draft' } // a draft need not have a name to be tried
      const begun = await previewAutomation(named, id ?? '', 'Triggered')
      const hasEnd = (asked.actions_on_resolve ?? []).length > 0
      const ended = hasEnd ? (await previewAutomation(named, id ?? '', 'Resolved')).actions : []
      return { event: begun.event, actions: [...begun.actions, ...ended] }
    },
  })
  return (
    <Panel title="Preview">
      <div className={styles.form}>
        <p className={styles.sub}>The actions with their templates filled in from a real event. Nothing is sent.</p>
        {events.length === 0 ? (
          <p>No such event is stored yet.</p>
        ) : (
          <Row>
            <Select
              aria-label="Event"
              className={styles.choice}
              options={events.map((event) => [event.id, labelOf(event, formatInstant(event.occurred, zone, 'minute'))])}
              value={id}
              onChange={({ target }) => choose(target.value)}
            />
            <Button
              icon={<Eye size={15} aria-hidden />}
              isBusy={preview.isPending}
              disabled={!isReadable}
              onClick={() => preview.mutate(draft)}
            >
              Preview
            </Button>
          </Row>
        )}
        {preview.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(preview.error)}
          </p>
        )}
        <div role="status">
          {preview.data && (
            <>
              {preview.variables !== draft && <Badge tone="warn">The draft has changed since</Badge>}
              <p>
                By{' '}
                <Link to="/events/event/$id" params={{ id: preview.data.event.id }}>
                  {eventWords(preview.data.event.event)}
                </Link>{' '}
                {preview.data.event.resource['prefect.resource.name']}
              </p>
              <RenderedActions actions={preview.data.actions} />
            </>
          )}
        </div>
      </div>
    </Panel>
  )
}

/** The event that was come from, and the latest that the trigger expects by their names. */
function useChoices(draft: AutomationDraft, first: Event | undefined): Event[] {
  const names = namesOf(draft.trigger)
  const latest = useQuery(latestEventsQuery({ ...(names.length > 0 && { event: { prefix: names } }) }, MOST))
  const found = latest.data?.events ?? []
  return first === undefined ? found : [first, ...found.filter(({ id }) => id !== first.id)]
}

function labelOf(event: Event, time: string): string {
  return `${time} ${eventWords(event.event)} ${event.resource['prefect.resource.name'] ?? ''}`.trim()
}
