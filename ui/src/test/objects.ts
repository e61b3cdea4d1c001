// Objects of the API for tests: complete, with what a test is about put in.
import type {
  Artifact,
  BlockDocument,
  BlockType,
  BulkJob,
  Deployment,
  FlowRun,
  QueueLoad,
  Schedule,
  Worker,
  WorkPool,
  WorkPoolLoad,
  WorkQueue,
} from '@/api/types'

const TIME = '2026-11-22T10:00:00Z'

/** A flow run that has completed. */
export function aFlowRun(changes: Partial<FlowRun> = {}): FlowRun {
  return {
    id: '01a20505-0000-7000-8000-000000000001',
    created: TIME,
    updated: TIME,
    name: 'ivory-fox',
    flow_id: '01a20505-0000-7000-8000-00000000000f',
    state_id: null,
    deployment_id: null,
    deployment_version: null,
    work_queue_id: null,
    work_queue_name: null,
    flow_version: null,
    parameters: {},
    idempotency_key: null,
    context: {},
    empirical_policy: {} as FlowRun['empirical_policy'],
    tags: [],
    labels: {},
    parent_task_run_id: null,
    state_type: 'COMPLETED',
    state_name: 'Completed',
    run_count: 1,
    expected_start_time: TIME,
    next_scheduled_start_time: null,
    start_time: TIME,
    end_time: '2026-11-22T10:01:05Z',
    total_run_time: 65,
    estimated_run_time: 65,
    estimated_start_time_delta: 0,
    auto_scheduled: false,
    infrastructure_document_id: null,
    infrastructure_pid: null,
    created_by: null,
    work_pool_id: null,
    work_pool_name: null,
    state: null,
    job_variables: null,
    last_heartbeat: null,
    ...changes,
  }
}

/** A deployment that nothing serves yet, without schedules. */
export function aDeployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    id: '01a20505-0000-7000-8000-0000000000d1',
    created: TIME,
    updated: TIME,
    name: 'nightly',
    version: null,
    version_info: null,
    description: null,
    flow_id: '01a20505-0000-7000-8000-00000000000f',
    paused: false,
    schedules: [],
    concurrency_limit: null,
    global_concurrency_limit: null,
    concurrency_options: null,
    job_variables: {},
    parameters: {},
    tags: [],
    labels: {},
    work_queue_name: null,
    work_queue_id: null,
    last_polled: null,
    parameter_openapi_schema: null,
    path: null,
    pull_steps: null,
    entrypoint: null,
    storage_document_id: null,
    infrastructure_document_id: null,
    created_by: null,
    updated_by: null,
    work_pool_name: null,
    status: 'READY',
    enforce_parameter_schema: true,
    retry_on_crash: null,
    max_queued: null,
    ...changes,
  }
}

/** A schedule at two every night in Berlin. */
export function aSchedule(changes: Partial<Schedule> = {}): Schedule {
  return {
    id: '01a20505-0000-7000-8000-0000000000d2',
    created: TIME,
    updated: TIME,
    deployment_id: null,
    schedule: { cron: '0 2 * * *', timezone: 'Europe/Berlin', day_or: true },
    active: true,
    max_scheduled_runs: null,
    parameters: {},
    slug: null,
    catchup: 'all',
    max_late_seconds: null,
    ...changes,
  }
}

/** A state with a message. */
export function aState(type: FlowRun['state_type'], name: string, message: string): NonNullable<FlowRun['state']> {
  return {
    id: '01a20505-0000-7000-8000-0000000000aa',
    type: type ?? 'FAILED',
    name,
    message,
    timestamp: TIME,
    data: null,
    state_details: {} as NonNullable<FlowRun['state']>['state_details'],
  }
}

/** A page of a list with these results. */
export function aPage<T>(results: T[], count = results.length) {
  return { results, count, pages: 1, page: 1, limit: 50 }
}

/** A block that holds a secret token, a plain url, and another block. */
export function aBlock(changes: Partial<BlockDocument> = {}): BlockDocument {
  const type = aBlockType()
  return {
    id: '01a20505-0000-7000-8000-0000000000b1',
    created: TIME,
    updated: TIME,
    name: 'crm',
    data: { url: 'https://crm.test', token: '********' },
    block_schema_id: '01a20505-0000-7000-8000-0000000000b2',
    block_schema: {
      id: '01a20505-0000-7000-8000-0000000000b2',
      created: TIME,
      updated: TIME,
      checksum: 'sha256:0',
      version: '1',
      capabilities: ['notify'],
      block_type_id: type.id,
      block_type: null,
      fields: {
        required: ['url', 'token'],
        properties: {
          url: { type: 'string', title: 'Url', position: 0 },
          token: { type: 'string', title: 'Token', format: 'password', position: 1 },
          proxy: { $ref: '#/definitions/Proxy', title: 'Proxy', position: 2 },
        },
        secret_fields: ['token'],
        block_schema_references: { proxy: { block_type_slug: 'proxy', block_schema_checksum: 'sha256:1' } },
        definitions: { Proxy: { type: 'object' } },
      },
    },
    block_type_id: type.id,
    block_type_name: type.name,
    block_type: type,
    block_document_references: {},
    is_anonymous: false,
    ...changes,
  }
}

/** The type of that block. */
export function aBlockType(changes: Partial<BlockType> = {}): BlockType {
  return {
    id: '01a20505-0000-7000-8000-0000000000b3',
    created: TIME,
    updated: TIME,
    name: 'CRM',
    slug: 'crm',
    logo_url: null,
    documentation_url: null,
    description: 'Where customers are.',
    code_example: null,
    is_protected: false,
    ...changes,
  }
}

/** A version of an artifact in Markdown. */
export function anArtifact(changes: Partial<Artifact> = {}): Artifact {
  return {
    id: '01a20505-0000-7000-8000-0000000000c1',
    created: TIME,
    updated: TIME,
    key: 'report',
    type: 'markdown',
    description: 'What was sold',
    data: '# Sales',
    metadata_: null,
    flow_run_id: null,
    task_run_id: null,
    ...changes,
  }
}

/** A work pool whose worker is there. */
export function aWorkPool(changes: Partial<WorkPool> = {}): WorkPool {
  return {
    id: '01a20505-0000-7000-8000-0000000000e1',
    created: TIME,
    updated: TIME,
    name: 'office',
    description: null,
    type: 'process',
    base_job_template: {},
    is_paused: false,
    concurrency_limit: null,
    status: 'READY',
    default_queue_id: '01a20505-0000-7000-8000-0000000000e2',
    storage_configuration: {
      bundle_upload_step: null,
      bundle_execution_step: null,
      default_result_storage_block_id: null,
    },
    active_slots: null,
    retry_on_crash: null,
    pending_deadline_seconds: null,
    ...changes,
  }
}

/** What that pool has to do: nothing. */
export function aPoolLoad(changes: Partial<WorkPoolLoad> = {}): WorkPoolLoad {
  const { id, name, type, is_paused, status, concurrency_limit } = aWorkPool()
  const about = { work_pool_id: id, name, type, is_paused, status, concurrency_limit }
  return { ...about, workers_online: 1, queues: [aQueueLoad()], ...changes }
}

/** A queue that somebody asks for runs, and where none waits. */
export function aQueueLoad(changes: Partial<QueueLoad> = {}): QueueLoad {
  return {
    id: '01a20505-0000-7000-8000-0000000000e2',
    name: 'default',
    is_paused: false,
    concurrency_limit: null,
    last_polled: '2026-11-22T10:09:55Z',
    active_slots: 0,
    waiting: 0,
    waiting_since: null,
    ...changes,
  }
}

/** A queue of that pool. */
export function aWorkQueue(changes: Partial<WorkQueue> = {}): WorkQueue {
  return {
    id: '01a20505-0000-7000-8000-0000000000e2',
    created: TIME,
    updated: TIME,
    name: 'default',
    description: '',
    is_paused: false,
    concurrency_limit: null,
    priority: 1,
    work_pool_id: aWorkPool().id,
    filter: null,
    last_polled: TIME,
    work_pool_name: 'office',
    status: 'READY',
    active_slots: null,
    ...changes,
  }
}

/** A worker that gives signs of life. */
export function aWorker(changes: Partial<Worker> = {}): Worker {
  return {
    id: '01a20505-0000-7000-8000-0000000000e3',
    created: TIME,
    updated: TIME,
    name: 'desk',
    work_pool_id: aWorkPool().id,
    last_heartbeat_time: TIME,
    heartbeat_interval_seconds: 30,
    status: 'ONLINE',
    ...changes,
  }
}

/** A job that cancels many runs, and is at it. */
export function aBulkJob(changes: Partial<BulkJob> = {}): BulkJob {
  return {
    id: '01a20505-0000-7000-8000-0000000000d1',
    created: TIME,
    updated: TIME,
    action: 'cancel',
    filters: {},
    state: null,
    force: false,
    status: 'running',
    matched: 48_213,
    looked_at: 0,
    done: 0,
    refused: 0,
    refusals: [],
    begins: TIME,
    started: TIME,
    ended: null,
    reason: null,
    created_by: null,
    ...changes,
  }
}
