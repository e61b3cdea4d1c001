// A flow: how it does, its runs and its deployments.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'

import { flowQuery } from '@/api/flows'
import type { Flow } from '@/api/types'
import { Tags } from '@/design/badge'
import { Button } from '@/design/button'
import { Facts, Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { Time } from '@/design/time'
import { DeploymentsOf } from '@/features/deployments/public'
import { FlowRunsOf } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'

import { DeleteFlowsDialog } from './delete-flows-dialog'
import { FlowActivity } from './flow-activity'
import type { FlowSearch } from './flow-search'

interface FlowPageProps {
  id: string
  search: FlowSearch
  onSearch: (search: FlowSearch) => void
}

/** The page. */
export function FlowPage({ id, search, onSearch }: FlowPageProps) {
  const flow = useQuery(flowQuery(id))
  return (
    <QueryView query={flow} placeholder={<Skeleton lines={6} />} errorTitle="The flow could not be loaded">
      {(data) => (
        <Page title={data.name} trail={<Link to="/flows">Flows</Link>} actions={<DeleteButton flow={data} />}>
          <Tags tags={data.tags} />
          <FlowActivity
            id={id}
            name={data.name}
            range={search.range ?? '7d'}
            onRange={(range) => onSearch({ ...search, range })}
          />
          <Tabs
            label="About the flow"
            value={search.tab ?? 'runs'}
            onChange={(tab) => onSearch({ ...search, tab })}
            tabs={[
              {
                value: 'runs',
                label: 'Runs',
                content: () => (
                  <FlowRunsOf of={{ flow: id, range: 'all' }} title="Runs" none="The flow has not run yet" />
                ),
              },
              {
                value: 'deployments',
                label: 'Deployments',
                content: () => <DeploymentsOf flow={{ id, name: data.name }} />,
              },
              { value: 'details', label: 'Details', content: () => <Details flow={data} /> },
            ]}
          />
        </Page>
      )}
    </QueryView>
  )
}

function DeleteButton({ flow }: { flow: Flow }) {
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setOpen(true)}>
        Delete
      </Button>
      {isOpen && (
        <DeleteFlowsDialog
          ids={[flow.id]}
          name={flow.name}
          onDone={() => navigate({ to: '/flows' })}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

function Details({ flow }: { flow: Flow }) {
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Id', <code key="id">{flow.id}</code>],
          ['Known since', flow.created && <Time value={flow.created} />],
          ['Changed', flow.updated && <Time value={flow.updated} />],
        ]}
      />
    </Panel>
  )
}
