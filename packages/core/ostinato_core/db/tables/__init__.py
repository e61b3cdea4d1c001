"""All tables; one module per table or family."""

from ostinato_core.db.tables.alerting import alert_groups
from ostinato_core.db.tables.artifacts import artifact_collections, artifacts
from ostinato_core.db.tables.automations import action_deliveries, automation_resources, automations
from ostinato_core.db.tables.base import metadata
from ostinato_core.db.tables.blocks import block_document_references, block_documents, block_schemas, block_types
from ostinato_core.db.tables.bulk_jobs import bulk_jobs
from ostinato_core.db.tables.concurrency import concurrency_leases, concurrency_limits
from ostinato_core.db.tables.deployments import deployment_schedules, deployments
from ostinato_core.db.tables.events import events
from ostinato_core.db.tables.flow_runs import flow_run_inputs, flow_run_states, flow_runs
from ostinato_core.db.tables.flows import flows
from ostinato_core.db.tables.incidents import incident_comments, incidents
from ostinato_core.db.tables.liveness import flow_run_heartbeats, ingest_watch
from ostinato_core.db.tables.logs import logs
from ostinato_core.db.tables.server import configuration, csrf_tokens, server_processes
from ostinato_core.db.tables.task_run_queue import task_run_queue, task_workers
from ostinato_core.db.tables.task_runs import task_run_cache, task_run_states, task_runs
from ostinato_core.db.tables.triggers import trigger_buckets, trigger_cursors, trigger_firings, trigger_followers
from ostinato_core.db.tables.variables import saved_searches, variables
from ostinato_core.db.tables.watches import metric_watches, sla_watch, slas
from ostinato_core.db.tables.webhooks import webhook_receipts, webhooks
from ostinato_core.db.tables.work_pools import work_pools, work_queues, worker_cleanup_messages, workers
from ostinato_core.db.tables.workspaces import workspaces

__all__ = [
    "action_deliveries",
    "alert_groups",
    "artifact_collections",
    "artifacts",
    "automation_resources",
    "automations",
    "block_document_references",
    "block_documents",
    "block_schemas",
    "block_types",
    "bulk_jobs",
    "concurrency_leases",
    "concurrency_limits",
    "configuration",
    "csrf_tokens",
    "deployment_schedules",
    "deployments",
    "events",
    "flow_run_heartbeats",
    "flow_run_inputs",
    "flow_run_states",
    "flow_runs",
    "flows",
    "incident_comments",
    "incidents",
    "ingest_watch",
    "logs",
    "metadata",
    "metric_watches",
    "saved_searches",
    "server_processes",
    "sla_watch",
    "slas",
    "task_run_cache",
    "task_run_queue",
    "task_run_states",
    "task_runs",
    "task_workers",
    "trigger_buckets",
    "trigger_cursors",
    "trigger_firings",
    "trigger_followers",
    "variables",
    "webhook_receipts",
    "webhooks",
    "work_pools",
    "work_queues",
    "worker_cleanup_messages",
    "workers",
    "workspaces",
]
