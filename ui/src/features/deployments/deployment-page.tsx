// A deployment: run it, see its runs, schedules, parameters and how it is set up, and what watches over it.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { deploymentQuery } from '@/api/deployments'
import { flowNamesQuery } from '@/api/flows'
import type { Deployment } from '@/api/types'
import { Tags } from '@/design/badge'
import { Markdown } from '@/design/markdown'
import { Page } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { AutomationsAbout } from '@/features/automations/public'
import { FlowRunsOf } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'
import { SlasOfDeployment } from '@/features/slas/public'

import { DeploymentActions } from './deployment-actions'
import type { DeploymentSearch, DeploymentTab } from './deployment-search'
import styles from './deployments.module.css'
import { DeploymentStatus } from './deployments-table'
import { Configuration, Parameters } from './details'
import { SchedulesPanel } from './schedules-panel'
import { Versions } from './versions'

interface DeploymentPageProps {
  id: string
  search: DeploymentSearch
  onSearch: (search: DeploymentSearch) => void
}

/** The page. */
export function DeploymentPage({ id, search, onSearch }: DeploymentPageProps) {
  const deployment = useQuery(deploymentQuery(id))
  return (
    <QueryView query={deployment} placeholder={<Skeleton lines={6} />} errorTitle="The deployment could not be loaded">
      {(data) => <Loaded deployment={data} search={search} onSearch={onSearch} />}
    </QueryView>
  )
}

function Loaded({
  deployment,
  search,
  onSearch,
}: {
  deployment: Deployment
  search: DeploymentSearch
  onSearch: (search: DeploymentSearch) => void
}) {
  const flow = useFlowName(deployment)
  return (
    <Page
      title={deployment.name}
      heading={
        <>
          {deployment.name} <DeploymentStatus deployment={deployment} />
        </>
      }
      trail={<Trail deployment={deployment} flow={flow} />}
      actions={<DeploymentActions deployment={deployment} />}
    >
      {deployment.description && (
        <div className={styles.description}>
          <Markdown text={deployment.description} />
        </div>
      )}
      <Tags tags={deployment.tags} />
      <Tabs
        label="About the deployment"
        value={search.tab ?? 'runs'}
        onChange={(tab) => onSearch({ tab })}
        tabs={tabsOf(deployment, flow)}
      />
    </Page>
  )
}

interface Tab {
  value: DeploymentTab
  label: string
  content: () => ReactNode
}

function tabsOf(deployment: Deployment, flow: string): Tab[] {
  const { id, name, paused, schedules } = deployment
  return [
    {
      value: 'runs',
      label: 'Runs',
      content: () => <FlowRunsOf of={{ deployment: id, range: 'all' }} title="Runs" none="It has not run yet" />,
    },
    {
      value: 'upcoming',
      label: 'Upcoming',
      content: () => (
        <FlowRunsOf
          of={{ deployment: id, range: 'upcoming' }}
          title="Upcoming"
          none="No run is due"
          isExpecting={!paused && schedules.some(({ active }) => active)}
        />
      ),
    },
    { value: 'schedules', label: 'Schedules', content: () => <SchedulesPanel deployment={deployment} /> },
    { value: 'parameters', label: 'Parameters', content: () => <Parameters deployment={deployment} /> },
    { value: 'details', label: 'Configuration', content: () => <Configuration deployment={deployment} /> },
    { value: 'versions', label: 'Versions', content: () => <Versions deployment={deployment} /> },
    { value: 'triggers', label: 'Triggers', content: () => <AutomationsAbout deployment={id} /> },
    { value: 'slas', label: 'SLAs', content: () => <SlasOfDeployment id={id} name={`${flow}/${name}`} /> },
  ]
}

/** The name of its flow, dots until it is known. */
function useFlowName({ flow_id: id }: Deployment): string {
  return useQuery(flowNamesQuery([id])).data?.get(id) ?? '…'
}

function Trail({ deployment, flow }: { deployment: Deployment; flow: string }) {
  return (
    <>
      <Link to="/deployments">Deployments</Link>
      <span aria-hidden>/</span>
      <Link to="/flows/flow/$id" params={{ id: deployment.flow_id }}>
        {flow}
      </Link>
    </>
  )
}
