// The schedules of a deployment: each in words, with its switch, and what can be changed.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CalendarPlus, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { messageOf } from '@/api/errors'
import { changeSchedule, deleteSchedule } from '@/api/schedules'
import type { Deployment, Schedule } from '@/api/types'
import { Badge } from '@/design/badge'
import { Button, IconButton } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Dialog } from '@/design/overlays'
import { Panel, Row } from '@/design/page'
import { Switch } from '@/design/switch'
import { notify } from '@/design/toast'

import { asSent } from './schedule-draft'
import { ScheduleDialog } from './schedule-dialog'
import { scheduleWords } from './schedule-words'
import styles from './schedules.module.css'

/** The panel. */
export function SchedulesPanel({ deployment }: { deployment: Deployment }) {
  const [isNew, setNew] = useState(false)
  const add = (
    <Button icon={<CalendarPlus size={15} aria-hidden />} onClick={() => setNew(true)}>
      Add a schedule
    </Button>
  )
  const { schedules } = deployment
  return (
    <Panel title="Schedules" actions={add} isFlush>
      {schedules.length === 0 ? (
        <EmptyState
          title="No schedules"
          snippet={`ostinato deployment schedule create '<flow>/${deployment.name}' --cron "0 2 * * *"`}
        >
          It runs when somebody or something asks for it.
        </EmptyState>
      ) : (
        <ul className={styles.list}>
          {deployment.paused && (
            <li className={styles.item}>
              <span className={styles.note}>The deployment is paused: none of its schedules makes runs.</span>
            </li>
          )}
          {schedules.map((schedule) => (
            <Item key={schedule.id} deployment={deployment} schedule={schedule} />
          ))}
        </ul>
      )}
      {isNew && <ScheduleDialog deployment={deployment} stored={null} onClose={() => setNew(false)} />}
    </Panel>
  )
}

function Item({ deployment, schedule }: { deployment: Deployment; schedule: Schedule }) {
  const client = useQueryClient()
  const [open, setOpen] = useState<'change' | 'delete' | null>(null)
  const words = scheduleWords(schedule)
  const onSettled = () => client.invalidateQueries({ queryKey: ['deployments'] })
  const onError = (error: unknown) => notify(messageOf(error), 'bad')
  const activate = useMutation({
    mutationFn: (active: boolean) => changeSchedule(deployment.id, schedule.id, asSent(schedule, { active })),
    onError,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: () => deleteSchedule(deployment.id, schedule.id),
    onError,
    onSuccess: () => notify('Schedule deleted'),
    onSettled,
  })
  return (
    <li className={styles.item}>
      <Switch label={`Makes runs: ${words}`} isOn={schedule.active} onChange={activate.mutate} />
      <div className={styles.words} data-paused={!schedule.active || undefined}>
        {words} {!schedule.active && <Badge>Paused</Badge>}
        <div className={styles.details}>
          {detailsOf(schedule).map((each) => (
            <span key={each}>{each}</span>
          ))}
        </div>
      </div>
      <Row>
        <IconButton
          label={`Change: ${words}`}
          icon={<Pencil size={15} aria-hidden />}
          onClick={() => setOpen('change')}
        />
        <IconButton
          label={`Delete: ${words}`}
          icon={<Trash2 size={15} aria-hidden />}
          onClick={() => setOpen('delete')}
        />
      </Row>
      {open === 'change' && <ScheduleDialog deployment={deployment} stored={schedule} onClose={() => setOpen(null)} />}
      <Dialog
        title="Delete the schedule?"
        description={`It says: ${words}. Its runs that have not begun are taken away.`}
        isOpen={open === 'delete'}
        onOpenChange={() => setOpen(null)}
        actions={
          <Button look="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
            Delete the schedule
          </Button>
        }
      />
    </li>
  )
}

function detailsOf(schedule: Schedule): string[] {
  const names = Object.keys(schedule.parameters)
  const { cron } = 'cron' in schedule.schedule ? schedule.schedule : { cron: null }
  return [
    cron,
    schedule.slug !== null && `slug ${schedule.slug}`,
    names.length > 0 && `with its own ${names.join(', ')}`,
    schedule.max_scheduled_runs !== null && `at most ${schedule.max_scheduled_runs} ahead`,
    schedule.catchup !== 'all' &&
      (schedule.catchup === 'latest' ? 'catches up with the latest only' : 'skips late runs'),
  ].filter((each): each is string => typeof each === 'string')
}
