// The words of the API, by their names in its OpenAPI document.
import type { Complete } from './client'
import type { components } from './schema.gen'

type Schemas = components['schemas']

export type FlowRun = Complete<Schemas['FlowRun']>
export type TaskRun = Complete<Schemas['TaskRunSummary']>
export type Flow = Complete<Schemas['Flow']>
export type Deployment = Complete<Schemas['Deployment']>
export type ListedDeployment = Complete<Schemas['ListedDeployment']>
export type DeploymentFolder = Complete<Schemas['DeploymentFolder']>
export type DeploymentSort = Schemas['DeploymentSort']
export type FlowSort = Schemas['FlowSort']
export type Activity = Complete<Schemas['Activity']>
export type DeploymentDraft = Schemas['DeploymentCreate']
export type DeploymentChanges = Schemas['DeploymentUpdate']
export type WorkPool = Complete<Schemas['WorkPool']>
export type WorkPoolDraft = Schemas['WorkPoolCreate']
export type WorkPoolLoad = Complete<Schemas['WorkPoolLoad']>
export type QueueLoad = Complete<Schemas['QueueLoad']>
export type WorkQueue = Complete<Schemas['WorkQueue']>
export type Worker = Complete<Schemas['Worker']>
export type WorkerRuns = Complete<Schemas['WorkerRuns']>
export type Variable = Complete<Schemas['Variable']>
export type BlockDocument = Complete<Schemas['BlockDocument']>
export type BlockType = Complete<Schemas['BlockType']>
export type BlockSchema = Complete<Schemas['BlockSchema']>
export type Artifact = Complete<Schemas['Artifact']>
export type ArtifactCollection = Complete<Schemas['ArtifactCollection']>
export type ConcurrencyLimit = Complete<Schemas['GlobalConcurrencyLimitResponse']>
export type SlotLedger = Complete<Schemas['SlotLedger']>
export type HeldSlots = SlotLedger['leases'][number]
export type TagLimit = Complete<Schemas['ConcurrencyLimit']>
export type Log = Complete<Schemas['Log']>
export type LogPlace = Schemas['LogPlace']
export type State = Complete<Schemas['State']>
export type StateType = Schemas['StateType']
export type Explanation = Complete<Schemas['Explanation']>
export type HistoryInterval = Complete<Schemas['HistoryInterval']>
export type Graph = Complete<Schemas['Graph']>
export type RunPoint = Complete<Schemas['FlowRunPoint']>
export type NamedTaskRun = Complete<Schemas['NamedTaskRun']>
export type FlowRunFilter = Schemas['FlowRunFilter']
export type FlowRunSort = Schemas['FlowRunSort']
export type TaskRunFilter = Schemas['TaskRunFilter']
export type TaskRunSort = Schemas['TaskRunSort']
export type BulkJob = Complete<Schemas['BulkJob']>
export type BulkJobPreview = Complete<Schemas['BulkJobPreview']>
export type StateCreate = Schemas['StateCreate']
export type Event = Complete<Schemas['ReceivedEvent']>
export type EventFilter = Schemas['EventFilter']
export type EventCount = Complete<Schemas['EventCount']>
export type Automation = Complete<Schemas['Automation']>
export type AutomationDraft = Schemas['AutomationUpdate']
export type Trigger = AutomationDraft['trigger']
export type EventTrigger = Schemas['EventTrigger']
export type MetricTrigger = Schemas['MetricTrigger']
export type Action = AutomationDraft['actions'][number]
export type ActionDelivery = Complete<Schemas['ActionDelivery']>
export type Backtest = Complete<Schemas['Backtest']>
export type BacktestFiring = Backtest['firings'][number]
export type Webhook = Complete<Schemas['Webhook']>
export type WebhookSignature = Schemas['WebhookSignature']
export type WebhookDraft = Schemas['WebhookCreate']
export type WebhookRotation = Schemas['WebhookRotate']
export type WebhookTrial = Schemas['WebhookTrial']
export type WebhookTrialResult = Complete<Schemas['WebhookTrialResult']>
export type Incident = Complete<Schemas['Incident']>
export type IncidentStatus = Schemas['IncidentStatus']
export type IncidentDraft = Schemas['IncidentCreate']
export type IncidentComment = Complete<Schemas['IncidentComment']>
export type Severity = Schemas['SlaSeverity']
export type Sla = Complete<Schemas['Sla']>
export type SlaKind = Schemas['SlaKind']
export type SlaDraft = Schemas['TimeToCompletionSla'] | Schemas['FrequencySla'] | Schemas['LatenessSla']
export type Schedule = Complete<Schemas['DeploymentSchedule']>
/** What a schedule says of its times. */
export type ScheduleDraft = Schemas['SchedulePreviewRequest']['schedule']
/** A schedule as it is sent. */
export type ScheduleTimes = Schemas['DeploymentScheduleCreate']
export type ScheduleChanges = Schemas['DeploymentScheduleUpdate']
export type SchedulePreview = Complete<Schemas['SchedulePreview']>

/** A page of a list, with how many there are in all. */
export interface Page<T> {
  results: T[]
  count: number
  pages: number
  page: number
  limit: number
}
