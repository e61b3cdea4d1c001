"""The public names of the SDK: each can be imported from where flows import it from, or there is a word why not."""

from __future__ import annotations

from importlib import import_module

import pytest

SURFACE = {
    "": """Flow State Task Transaction __version__ allow_failure apause_flow_run aresume_flow_run aserve
        asuspend_flow_run deploy flow get_client get_run_logger pause_flow_run resume_flow_run serve
        suspend_flow_run tags task unmapped""",
    "artifacts": """Artifact ImageArtifact LinkArtifact MarkdownArtifact ProgressArtifact TableArtifact
        create_image_artifact create_link_artifact create_markdown_artifact create_progress_artifact
        create_table_artifact update_progress_artifact""",
    "assets": "Asset AssetProperties add_asset_metadata materialize",
    "automations": """Automation CallWebhook CancelFlowRun ChangeFlowRunState CompoundTrigger DeclareIncident
        DeleteFlowRun DoNothing EventTrigger MetricTrigger MetricTriggerOperator MetricTriggerQuery PauseAutomation
        PauseDeployment PauseWorkPool PauseWorkQueue Posture PrefectMetric ResourceSpecification ResumeAutomation
        ResumeDeployment ResumeWorkPool ResumeWorkQueue RunDeployment SendNotification SequenceTrigger
        SuspendFlowRun""",
    "blocks.abstract": """CredentialsBlock DatabaseBlock JobBlock JobRun NotificationBlock ObjectStorageBlock
        SecretBlock""",
    "blocks.core": "Block",
    "blocks.notifications": """CustomWebhookNotificationBlock DiscordWebhook MattermostWebhook MicrosoftTeamsWebhook
        OpsgenieWebhook PagerDutyWebHook SendgridEmail SlackWebhook TwilioSMS""",
    "blocks.system": "Secret",
    "blocks.webhook": "Webhook",
    "cache_policies": """CacheKeyFnPolicy CachePolicy CompoundCachePolicy DEFAULT FLOW_PARAMETERS INPUTS NONE NO_CACHE
        RUN_ID TASK_SOURCE""",
    "client.schemas.actions": "DeploymentScheduleCreate GlobalConcurrencyLimitCreate VariableCreate WorkPoolCreate",
    "client.schemas.filters": """DeploymentFilter FlowFilter FlowFilterName FlowRunFilter FlowRunFilterId
        FlowRunFilterName FlowRunFilterStartTime FlowRunFilterState FlowRunFilterStateName FlowRunFilterStateType
        FlowRunFilterTags LogFilter LogFilterFlowRunId TaskRunFilter TaskRunFilterFlowRunId TaskRunFilterState
        WorkPoolFilter WorkQueueFilterName WorkerFilterStatus""",
    "client.schemas.objects": """ConcurrencyLimitConfig ConcurrencyLimitStrategy Deployment Flow FlowRun State StateType
        TaskRun WorkPool""",
    "client.schemas.responses": "OrchestrationResult SetStateStatus WorkerFlowRunResponse",
    "client.schemas.schedules": "CronSchedule IntervalSchedule RRuleSchedule",
    "client.schemas.sorting": "FlowRunSort LogSort TaskRunSort",
    "client.orchestration": "PrefectClient SyncPrefectClient get_client",
    "concurrency.asyncio": "concurrency rate_limit",
    "concurrency.sync": "concurrency rate_limit",
    "context": """FlowRunContext SettingsContext TagsContext TaskRunContext get_run_context hydrated_context
        serialize_context tags use_profile with_context""",
    "deployments": "arun_deployment deploy run_deployment",
    "deployments.runner": "RunnerDeployment",
    "docker": "DockerImage",
    "events": """CompoundTrigger DeploymentCompoundTrigger DeploymentEventTrigger DeploymentMetricTrigger
        DeploymentSequenceTrigger Event EventTrigger MetricTrigger ReceivedEvent RelatedResource Resource
        ResourceSpecification SequenceTrigger emit_event get_events_client get_events_subscriber""",
    "events.actions": "DoNothing ResumeFlowRun RunDeployment SendNotification",
    "events.filters": """EventAnyResourceFilter EventFilter EventIDFilter EventNameFilter EventOccurredFilter EventOrder
        EventRelatedFilter EventResourceFilter""",
    "events.schemas.automations": "Automation AutomationCore EventTrigger Posture",
    "events.schemas.deployment_triggers": "DeploymentEventTrigger",
    "events.schemas.events": "Event ReceivedEvent RelatedResource Resource ResourceSpecification",
    "exceptions": """Abort BlockMissingCapabilities CancelledRun ConfigurationError CrashedRun EventTooLarge FailedRun
        FlowPauseTimeout FlowRunWaitTimeout FlowRunWatchError HashError InfrastructureError InfrastructureNotAvailable
        InfrastructureNotFound InvalidNameError InvalidRepositoryURLError MappingLengthMismatch MappingMissingIterable
        MissingContextError MissingFlowError MissingProfileError MissingResult NotPausedError ObjectAlreadyExists
        ObjectLimitReached ObjectNotFound ObjectUnsupported ParameterBindError ParameterTypeError Pause PausedRun
        PrefectHTTPStatusError ProfileSettingsValidationError ProtectedBlockError ReservedArgumentError ScriptError
        SerializationError SignatureMismatchError TerminationSignal UnfinishedRun UnspecifiedFlowError
        UpstreamTaskError""",
    "filesystems": "LocalFileSystem NullFileSystem RemoteFileSystem SMB",
    "flow_runs": """apause_flow_run aresume_flow_run asuspend_flow_run pause_flow_run resume_flow_run suspend_flow_run
        wait_for_flow_run""",
    "flows": "Flow flow",
    "futures": """PrefectConcurrentFuture PrefectDistributedFuture PrefectFuture PrefectFutureList
        PrefectTaskRunFuture as_completed resolve_futures_to_results resolve_futures_to_states wait""",
    "input": """RunInput create_flow_run_input delete_flow_run_input filter_flow_run_input read_flow_run_input
        receive_input send_input""",
    "locking.filesystem": "FileSystemLockManager",
    "locking.memory": "MemoryLockManager",
    "locking.protocol": "LockManager",
    "locking.redis": "RedisLockManager",
    "logging": "disable_run_logger get_logger get_run_logger",
    "logging.formatters": "JsonFormatter PrefectFormatter",
    "logging.handlers": "APILogHandler",
    "logging.loggers": "flow_run_logger get_worker_logger task_run_logger",
    "results": "ResultRecord ResultRecordMetadata ResultStore get_result_store should_persist_result",
    "runner": "Runner",
    "runner.storage": "BlockStorageAdapter GitRepository LocalStorage RemoteStorage",
    "runtime": "deployment flow_run task_run",
    "schedules": "Cron Interval RRule Schedule",
    "serializers": """CompressedJSONSerializer CompressedPickleSerializer CompressedSerializer JSONSerializer
        PickleSerializer Serializer""",
    "settings": "OSTINATO_API_URL PREFECT_API_URL get_current_settings temporary_settings use_profile",
    "states": """AwaitingConcurrencySlot AwaitingRetry Cancelled Cancelling Completed Crashed Failed
        InfrastructurePending Late Paused Pending Retrying Running Scheduled StateGroup Submitting Suspended
        exception_to_crashed_state exception_to_failed_state get_state_exception is_state_iterable raise_state_exception
        return_value_to_state to_state_create""",
    "task_runners": "PrefectTaskRunner TaskRunner ThreadPoolTaskRunner",
    "task_worker": "TaskWorker aserve serve",
    "tasks": "Task exponential_backoff task task_input_hash",
    "testing.utilities": "ostinato_test_harness prefect_test_harness",
    "transactions": """AsyncTransaction CommitMode IsolationLevel Transaction TransactionState atransaction
        get_transaction transaction""",
    "utilities.annotations": "NotSet allow_failure freeze opaque quote unmapped",
    "utilities.urls": "url_for",
    "variables": "Variable",
    "workers.base": "BaseJobConfiguration BaseVariables BaseWorker BaseWorkerResult",
    "workers.process": "ProcessWorker",
}
"""Module below `ostinato` -> names."""

CLIENT_METHODS = """api_healthcheck api_version clear_server_default_result_storage client_version count_flow_runs
create_artifact create_automation create_block_document create_block_schema create_block_type create_concurrency_limit
create_deployment create_deployment_schedules create_flow create_flow_from_name create_flow_run
create_flow_run_from_deployment create_flow_run_input create_global_concurrency_limit create_logs create_task_run
create_variable create_work_pool create_work_queue delete_artifact delete_automation delete_block_document
delete_block_type delete_concurrency_limit_by_tag delete_deployment delete_deployment_schedule delete_flow
delete_flow_run delete_flow_run_input delete_global_concurrency_limit_by_name delete_resource_owned_automations
delete_task_run delete_variable_by_name delete_work_pool delete_work_queue_by_id filter_flow_run_input find_automation
get_most_recent_block_schema_for_block_type get_runs_in_work_queue get_scheduled_flow_runs_for_deployments
get_scheduled_flow_runs_for_work_pool hello increment_concurrency_slots increment_concurrency_slots_with_lease
match_work_queues pause_automation pause_deployment read_artifacts read_automation read_automations
read_automations_by_name read_block_document read_block_document_by_name read_block_documents
read_block_documents_by_type read_block_schema_by_checksum read_block_schemas read_block_type_by_slug read_block_types
read_concurrency_limit_by_tag read_concurrency_limits read_deployment read_deployment_by_name read_deployment_schedules
read_deployments read_events read_events_page read_flow read_flow_by_name read_flow_run read_flow_run_input
read_flow_run_state read_flow_run_states read_flow_runs read_flows read_global_concurrency_limit_by_name
read_global_concurrency_limits read_latest_artifacts read_logs read_resource_related_automations
read_server_default_result_storage read_task_run read_task_run_states read_task_runs read_variable_by_name
read_variables read_work_pool read_work_pool_concurrency_status read_work_pools read_work_queue read_work_queue_by_name
read_work_queue_concurrency_status read_work_queue_status read_work_queues read_worker_metadata
read_workers_for_work_pool release_concurrency_slots release_concurrency_slots_with_lease renew_concurrency_lease
request reset_concurrency_limit_by_tag resume_automation resume_deployment resume_flow_run send_worker_heartbeat
set_deployment_paused_state set_flow_run_name set_flow_run_state set_task_run_name set_task_run_state update_artifact
update_automation update_block_document update_block_type update_deployment update_deployment_schedule update_flow_run
update_flow_run_labels update_global_concurrency_limit update_server_default_result_storage update_variable
update_work_pool update_work_queue upsert_global_concurrency_limit_by_name"""


@pytest.mark.parametrize("module", SURFACE)
def test_each_name_can_be_imported(module: str) -> None:
    home = import_module(f"ostinato.{module}".rstrip("."))
    missing = [name for name in SURFACE[module].split() if not hasattr(home, name)]
    assert missing == []


@pytest.mark.parametrize("client", ["OstinatoClient", "SyncOstinatoClient"])
def test_the_clients_have_each_method(client: str) -> None:
    kind = getattr(import_module("ostinato.client.orchestration"), client)
    assert [name for name in CLIENT_METHODS.split() if not hasattr(kind, name)] == []


def test_names_that_there_are_not_are_told() -> None:
    for module in ("", ".context", ".events", ".exceptions", ".settings", ".states", ".client.orchestration"):
        with pytest.raises(AttributeError, match="nothing_of_the_kind"):
            _ = import_module(f"ostinato{module}").nothing_of_the_kind
