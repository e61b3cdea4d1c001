// What the draft would have done: asked of the events that are stored, with its templates filled in from real ones.
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { useState } from 'react'

import { backtest } from '@/api/automations'
import { messageOf } from '@/api/errors'
import type { AutomationDraft, Backtest, BacktestFiring } from '@/api/types'
import { Badge } from '@/design/badge'
import { Button } from '@/design/button'
import { Select } from '@/design/field'
import { Panel, Row } from '@/design/page'
import { Time } from '@/design/time'
import { eventWords } from '@/features/events/public'

import styles from './automations.module.css'
import { RenderedActions } from './rendered-actions'

const DAY = 86_400_000
const SPANS = [
  ['1', 'The last day'],
  ['7', 'The last 7 days'],
  ['30', 'The last 30 days'],
] as const
const SHOWN = 5

/** The panel. */
export function BacktestPanel({ draft, isReadable }: { draft: AutomationDraft; isReadable: boolean }) {
  const [days, setDays] = useState('7')
  const test = useMutation({
    mutationFn: (asked: AutomationDraft) =>
      // A draft need not have a name to be tried.
      backtest({ ...asked, name: asked.name || 'Draft' }, new Date(Date.now() - Number(days) * DAY).toISOString()),
  })
  return (
    <Panel title="Back-test">
      <div className={styles.form}>
        <p className={styles.sub}>What this draft would have done by the events that are stored. Nothing is sent.</p>
        <Row>
          <Select
            aria-label="Events of"
            options={SPANS}
            value={days}
            onChange={({ target }) => setDays(target.value)}
          />
          <Button
            icon={<FlaskConical size={15} aria-hidden />}
            isBusy={test.isPending}
            disabled={!isReadable}
            onClick={() => test.mutate(draft)}
          >
            Back-test
          </Button>
        </Row>
        {test.isError && (
          <p role="alert" className={styles.problem}>
            {messageOf(test.error)}
          </p>
        )}
        <div role="status">{test.data && <Findings found={test.data} isOld={test.variables !== draft} />}</div>
      </div>
    </Panel>
  )
}

function Findings({ found, isOld }: { found: Backtest; isOld: boolean }) {
  const latest = [...found.firings].reverse().slice(0, SHOWN)
  return (
    <>
      <p>
        <strong>{found.fired === 0 ? 'It would not have fired.' : `It would have fired ${times(found.fired)}.`}</strong>{' '}
        <span className={styles.sub}>
          {found.events.toLocaleString('en')} {found.events === 1 ? 'event' : 'events'} looked at, since{' '}
          <Time value={found.since} />
          {!found.is_complete && ', as many as one back-test takes: choose a shorter time'}.
        </span>
      </p>
      {isOld && <Badge tone="warn">The draft has changed since</Badge>}
      <ol>
        {latest.map((firing) => (
          <Firing key={firing.triggered + (firing.triggering_event?.id ?? '')} firing={firing} />
        ))}
      </ol>
      {found.firings.length > SHOWN && <p className={styles.sub}>And {times(found.fired - SHOWN)} before.</p>}
    </>
  )
}

function Firing({ firing }: { firing: BacktestFiring }) {
  const event = firing.triggering_event
  return (
    <li className={styles.firing}>
      <Time value={firing.triggered} />
      {event !== null && (
        <>
          {' · '}
          <Link to="/events/event/$id" params={{ id: event.id }}>
            {eventWords(event.event)}
          </Link>{' '}
          {event.resource['prefect.resource.name']}
        </>
      )}
      <RenderedActions actions={firing.actions} />
    </li>
  )
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count.toLocaleString('en')} times`
}
