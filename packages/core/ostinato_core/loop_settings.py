"""Settings of the background loops: of each, whether it runs, how often, and what it waits for. Times in seconds."""

from datetime import timedelta
from typing import Any

from ostinato_core.retention.settings import RetentionSettings
from ostinato_core.settings_fields import setting


def _service(path: str, default: Any, description: str, **limits: Any) -> Any:
    # Any: as of `setting`. The other two names are those that the reference has, and had.
    older = (f"SERVER_SERVICES_{path}", f"API_SERVICES_{path}")
    return setting(f"SERVICES_{path}", default, description, *older, **limits)


def _enabled(name: str, what: str) -> Any:
    # Any: as of `setting`.
    return _service(f"{name}_ENABLED", True, f"Run the loop that {what}.")


def _every(name: str, seconds: float) -> Any:
    # Any: as of `setting`.
    return _service(f"{name}_LOOP_SECONDS", seconds, "Seconds from one round of it to the next.", gt=0)


class LoopSettings(RetentionSettings):
    """The settings of all loops; `OSTINATO_SERVICES_<LOOP>_ENABLED` switches one off."""

    health_host: str = setting(
        "SERVICES_HEALTH_HOST", "127.0.0.1", "Address on which a process that runs loops alone tells how they fare."
    )
    health_port: int | None = setting(
        "SERVICES_HEALTH_PORT", None, "Its port for that; it does not listen where none is set.", ge=0, le=65535
    )

    scheduler_enabled: bool = _enabled("SCHEDULER", "makes the runs that schedules ask for")
    scheduler_every: float = _every("SCHEDULER", 1.0)
    scheduler_batch: int = _service(
        "SCHEDULER_DEPLOYMENT_BATCH_SIZE", 100, "Schedules that one transaction looks at, at most.", gt=0
    )
    scheduler_inserts: int = _service(
        "SCHEDULER_INSERT_BATCH_SIZE", 500, "Runs after which a transaction looks at no further schedule.", gt=0
    )
    scheduler_min_runs: int = _service(
        "SCHEDULER_MIN_RUNS", 3, "Runs that each schedule has ahead, at least.", ge=1, le=1000
    )
    scheduler_max_runs: int = _service(
        "SCHEDULER_MAX_RUNS", 100, "Runs that a look at a schedule makes, at most.", ge=1, le=1000
    )
    scheduler_min_time: timedelta = _service(
        "SCHEDULER_MIN_SCHEDULED_TIME",
        timedelta(hours=1),
        "For how long ahead each schedule has runs, at least.",
        gt=timedelta(0),
    )
    scheduler_max_time: timedelta = _service(
        "SCHEDULER_MAX_SCHEDULED_TIME",
        timedelta(days=100),
        "How far ahead runs are made, at most.",
        gt=timedelta(0),
        le=timedelta(days=3650),
    )

    late_runs_enabled: bool = _enabled("LATE_RUNS", "marks runs as late")
    late_runs_every: float = _every("LATE_RUNS", 5.0)
    late_runs_after: float = _service(
        "LATE_RUNS_AFTER_SECONDS", 15.0, "How long after its time a run that has not begun is late.", ge=0
    )

    pause_expirations_enabled: bool = _enabled("PAUSE_EXPIRATIONS", "ends runs that were paused for too long")
    pause_expirations_every: float = _every("PAUSE_EXPIRATIONS", 5.0)

    cancellation_cleanup_enabled: bool = _enabled("CANCELLATION_CLEANUP", "finishes what was cancelled")
    cancellation_cleanup_every: float = _every("CANCELLATION_CLEANUP", 5.0)
    cancelling_timeout: float = _service(
        "CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS", 300.0, "After how long a cancelling run is cancelled.", gt=0
    )

    left_over_after: float = _service(
        "CANCELLATION_CLEANUP_TASK_RUN_GRACE_SECONDS",
        60.0,
        "How long after the end of a flow run its task runs may still report that they ended, before they are closed.",
        ge=0,
    )

    repossessor_enabled: bool = _enabled("REPOSSESSOR", "gives back slots whose holders are gone")
    repossessor_every: float = _every("REPOSSESSOR", 15.0)

    foreman_enabled: bool = _enabled("FOREMAN", "notices what no worker asks for any more")
    foreman_every: float = _every("FOREMAN", 15.0)

    foreman_missed_beats: float = _service(
        "FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE", 3, "Signs of life that a worker may miss before it is offline.", gt=0
    )
    foreman_fallback_interval: float = _service(
        "FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS",
        30,
        "How often a worker gives signs of life that did not say how often.",
        gt=0,
    )
    foreman_deployment_silence: float = _service(
        "FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS",
        60,
        "After how long a deployment is not ready that nobody asks for.",
        gt=0,
    )
    foreman_queue_silence: float = _service(
        "FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS",
        60,
        "After how long a work queue is not ready that nobody asks for runs.",
        gt=0,
    )

    cleanup_reconciler_enabled: bool = _enabled("CLEANUP_RECONCILER", "hands unfinished clean-ups to other workers")
    cleanup_reconciler_every: float = _every("CLEANUP_RECONCILER", 5.0)

    triggers_enabled: bool = _enabled("TRIGGERS", "fires automations")
    triggers_every: float = setting(
        "SERVICES_TRIGGERS_LOOP_SECONDS",
        1.0,
        "Seconds from one look at the log to the next, where nobody tells of events; absences are judged as often.",
        gt=0,
    )

    dead_runs_enabled: bool = _enabled("DEAD_RUNS", "notices runs whose process is gone")
    dead_runs_every: float = _every("DEAD_RUNS", 10.0)
    dead_runs_default_interval: float = _service(
        "DEAD_RUNS_DEFAULT_INTERVAL_SECONDS", 180.0, "Seconds between a run's heartbeats until two of them tell.", gt=0
    )
    dead_runs_minimum_interval: float = _service(
        "DEAD_RUNS_MINIMUM_INTERVAL_SECONDS", 30.0, "Heartbeats that come sooner are taken to come so often.", gt=0
    )
    dead_runs_grace: float = _service(
        "DEAD_RUNS_GRACE_SECONDS", 15.0, "How long after two intervals of silence a run is taken to be dead.", ge=0
    )

    pending_deadline_enabled: bool = _enabled("PENDING_DEADLINE", "schedules runs again that never began")
    pending_deadline_every: float = _every("PENDING_DEADLINE", 10.0)
    pending_deadline_after: int = _service(
        "PENDING_DEADLINE_SECONDS", 900, "Within how long a run begins that a worker has taken; pools may differ.", gt=0
    )
    pending_deadline_attempts: int = _service(
        "PENDING_DEADLINE_MAX_ATTEMPTS", 3, "How often a run that did not begin in time is scheduled again.", ge=0
    )

    task_workers_enabled: bool = _enabled("TASK_WORKERS", "gives background task runs to other workers")
    task_workers_every: float = _every("TASK_WORKERS", 5.0)
    task_workers_silence: float = _service(
        "TASK_WORKERS_SILENCE_SECONDS",
        45.0,
        "After how long a task worker that is not connected is gone. Less than 45 may run tasks twice that go on.",
        gt=0,
    )
    task_workers_redeliveries: int = _service(
        "TASK_WORKERS_MAX_REDELIVERIES", 3, "How often a task run whose worker is gone is given to another.", ge=0
    )

    actions_enabled: bool = _enabled("ACTIONS", "does what automations ask for that have fired")
    actions_every: float = _every("ACTIONS", 2.0)
    actions_at_once: int = _service(
        "ACTIONS_AT_ONCE", 16, "Notifications, webhooks and mails that a process sends at the same time.", ge=1, le=256
    )
    actions_attempts: int = _service(
        "ACTIONS_MAX_ATTEMPTS", 10, "How often to try to send what is refused, or cannot reach its receiver.", ge=1
    )
    actions_retry_after: float = _service(
        "ACTIONS_RETRY_SECONDS", 5.0, "Seconds after which it is tried for the second time; then twice as long.", gt=0
    )

    actions_lost_after: float = _service(
        "ACTIONS_LOST_AFTER_SECONDS",
        180.0,
        "After how long a delivery is given up of which the process that was sending it has said nothing.",
        ge=1,
    )

    bulk_jobs_enabled: bool = _enabled("BULK_JOBS", "changes many flow runs at once, as it is asked for")
    bulk_jobs_every: float = _every("BULK_JOBS", 2.0)
    bulk_jobs_delete_delay: float = _service(
        "BULK_JOBS_DELETE_DELAY_SECONDS",
        30.0,
        "Seconds until the deletion of many flow runs begins, within which it can be stopped.",
        ge=0,
        le=86_400,
    )

    metric_triggers_enabled: bool = _enabled("METRIC_TRIGGERS", "evaluates the metric triggers of automations")
    metric_triggers_every: float = _every("METRIC_TRIGGERS", 5.0)

    slas_enabled: bool = _enabled("SLAS", "tells of service level agreements that are violated")
    slas_every: float = _every("SLAS", 2.0)

    resolved_alerts_enabled: bool = _enabled("RESOLVED_ALERTS", "tells that what people were told of is over")
    resolved_alerts_every: float = _every("RESOLVED_ALERTS", 10.0)

    retention_enabled: bool = _enabled("RETENTION", "deletes what is older than it is to be kept")
    retention_every: float = setting(
        "SERVICES_RETENTION_LOOP_SECONDS",
        3600.0,
        "Seconds from one round of it to the next.",
        "SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS",
        gt=0,
    )

    partitions_enabled: bool = _enabled("PARTITIONS", "makes the partitions of the coming time, on Postgres")
    partitions_every: float = _every("PARTITIONS", 3600.0)

    statistics_enabled: bool = _enabled("STATISTICS", "analyzes tables that grow quickly, on Postgres")
    statistics_every: float = _every("STATISTICS", 1.0)
