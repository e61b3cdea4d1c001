// What became of the actions of an automation: how often each was tried, what was answered, and another try.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'

import { deliveriesQuery, sendAgain } from '@/api/automations'
import { messageOf } from '@/api/errors'
import type { ActionDelivery } from '@/api/types'
import { Button } from '@/design/button'
import { JsonBlock } from '@/design/code-block'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Dialog } from '@/design/overlays'
import { Facts, Panel } from '@/design/page'
import { StateBadge } from '@/design/states'
import { Time } from '@/design/time'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import { actionWords } from './words'

const MOST = 100
const STATES: Record<ActionDelivery['state'], [type: string, name: string]> = {
  pending: ['PENDING', 'Pending'],
  delivered: ['COMPLETED', 'Delivered'],
  failed: ['FAILED', 'Failed'],
  dropped: ['CANCELLED', 'Dropped'],
  folded: ['COMPLETED', 'Told with others'],
}

/** The panel. */
export function Deliveries({ automationId }: { automationId: string }) {
  const deliveries = useQuery(deliveriesQuery(automationId, MOST))
  const [shown, setShown] = useState<ActionDelivery | null>(null)
  const columns = columnsWith(setShown)
  return (
    <Panel title="Deliveries" isFlush>
      <QueryView query={deliveries} errorTitle="The deliveries could not be loaded">
        {(all) =>
          all.length === 0 ? (
            <EmptyState title="No action yet">
              Each action of each firing stands here, with what was answered. A back-test says what would have fired.
            </EmptyState>
          ) : (
            <DataTable caption="Deliveries" columns={columns} rows={all} rowKey={({ id }) => id} />
          )
        }
      </QueryView>
      {shown !== null && <DeliveryDialog delivery={shown} onClose={() => setShown(null)} />}
    </Panel>
  )
}

const helper = columnsOf<ActionDelivery>()

function columnsWith(show: (delivery: ActionDelivery) => void) {
  return helper.columns([
    helper.display({
      id: 'action',
      header: 'Action',
      cell: ({ row: { original } }) => (
        <Button look="quiet" onClick={() => show(original)}>
          {actionWords(original.action)}
        </Button>
      ),
    }),
    helper.display({
      id: 'state',
      header: 'State',
      cell: ({ row: { original } }) => {
        const [type, name] = STATES[original.state]
        return <StateBadge type={type} name={name} />
      },
    }),
    helper.display({
      id: 'created',
      header: 'Fired',
      cell: ({ row: { original } }) => <Time value={original.created} look="relative" />,
    }),
    helper.display({
      id: 'attempts',
      header: 'Attempts',
      cell: ({ row: { original } }) => `${original.attempts} ${original.attempts === 1 ? 'attempt' : 'attempts'}`,
    }),
    helper.display({
      id: 'reason',
      header: 'Why not',
      cell: ({ row: { original } }) =>
        original.state === 'pending' && original.due !== null ? (
          <>
            {original.reason} Next <Time value={original.due} look="relative" />
          </>
        ) : (
          original.reason
        ),
    }),
    helper.display({
      id: 'again',
      header: () => <span className="visually-hidden">Send again</span>,
      cell: ({ row: { original } }) => original.state === 'failed' && <SendAgain delivery={original} />,
    }),
  ])
}

function SendAgain({ delivery }: { delivery: ActionDelivery }) {
  const client = useQueryClient()
  const again = useMutation({
    mutationFn: () => sendAgain(delivery.id),
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: () => notify('It is tried again'),
    onSettled: () => client.invalidateQueries({ queryKey: ['automations', 'deliveries'] }),
  })
  return (
    <Button icon={<RotateCcw size={14} aria-hidden />} isBusy={again.isPending} onClick={() => again.mutate()}>
      Send again
    </Button>
  )
}

function DeliveryDialog({ delivery, onClose }: { delivery: ActionDelivery; onClose: () => void }) {
  const [, state] = STATES[delivery.state]
  return (
    <Dialog title={actionWords(delivery.action)} isOpen onOpenChange={onClose}>
      <Facts
        facts={[
          ['State', state],
          ['Attempts', String(delivery.attempts)],
          ['Fired', <Time key="fired" value={delivery.created} />],
          ['Ended', delivery.ended && <Time value={delivery.ended} />],
          ['Why not', delivery.reason],
          [
            'Event',
            delivery.triggering_event_id && (
              <Link to="/events/event/$id" params={{ id: delivery.triggering_event_id }}>
                The event that it answers
              </Link>
            ),
          ],
        ]}
      />
      {delivery.result !== null && <JsonBlock value={delivery.result} label="What was answered" />}
      <JsonBlock value={delivery.action} label="The action" />
    </Dialog>
  )
}
