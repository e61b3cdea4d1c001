"""The sections of the settings: one model per table, each member with its meaning and unit."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ostinato.settings.values import Also, BaseUrl, CodeSet, Delay, HeaderMap, LogLevel, NameList


class Section(BaseModel):
    """A table of settings; immutable, unknown members are ignored."""

    # Built at the first use: importing has to be quick.
    model_config = ConfigDict(extra="ignore", frozen=True, revalidate_instances="always", defer_build=True)


class ApiSettings(Section):
    """How to reach the server."""

    url: BaseUrl | None = Field(default=None, description="URL of the API, e.g. http://127.0.0.1:4200/api.")
    key: SecretStr | None = Field(default=None, description="Key sent as bearer token.")
    auth_string: SecretStr | None = Field(default=None, description="`user:password` for basic auth; wins over key.")
    request_timeout: float = Field(default=60.0, gt=0, description="Seconds to connect, to read, to write, each.")
    tls_insecure_skip_verify: bool = Field(default=False, description="Accept any certificate; for tests only.")
    ssl_cert_file: Path | None = Field(default=None, description="CA bundle; default: $SSL_CERT_FILE.")
    enable_http2: bool = Field(default=False, description="Speak HTTP/2.")


class ClientSettings(Section):
    """How the HTTP client behaves."""

    max_retries: int = Field(default=5, ge=0, description="Retries of a request that failed in a retryable way.")
    retry_jitter_factor: float = Field(default=0.2, ge=0, description="Share by which waits before retries vary.")
    retry_extra_codes: CodeSet = Field(default=frozenset(), description="Status codes to retry beside the usual ones.")
    csrf_support_enabled: bool = Field(default=True, description="Ask for and send CSRF tokens.")
    custom_headers: HeaderMap = Field(default_factory=dict, description="Headers added to every request.")
    server_version_check_enabled: bool = Field(default=True, description="Compare the server's API version with ours.")


class UiSettings(Section):
    """Where the web UI is."""

    url: str | None = Field(default=None, description="URL of the UI; default: derived from the API URL.")


class CliSettings(Section):
    """How the command line looks."""

    colors: bool = Field(default=True, description="Use colours in output.")
    wrap_lines: bool = Field(default=True, description="Wrap long lines at the width of the terminal.")
    prompt: bool | None = Field(default=None, description="Ask questions; default: if the terminal is interactive.")


class FlowsSettings(Section):
    """Defaults of flows."""

    heartbeat_frequency: Annotated[int | None, Also(("RUNNER_HEARTBEAT_FREQUENCY",))] = Field(
        default=180, ge=30, description="Seconds between heartbeats of a running flow run."
    )
    default_retries: Annotated[int, Also(("FLOW_DEFAULT_RETRIES",))] = Field(default=0, ge=0, description="Retries.")
    default_retry_delay_seconds: Annotated[Delay, Also(("FLOW_DEFAULT_RETRY_DELAY_SECONDS",))] = Field(
        default=0, description="Seconds before a retry; a list gives one delay per retry."
    )


class TaskRunnerSettings(Section):
    """How task runners run tasks."""

    thread_pool_max_workers: int | None = Field(default=None, gt=0, description="Threads at most; default: no limit.")
    process_pool_max_workers: int | None = Field(default=None, gt=0, description="Processes at most; default: CPUs.")


class TaskSchedulingSettings(Section):
    """How background tasks are handed to task workers."""

    default_storage_block: Annotated[str | None, Also(("TASK_SCHEDULING_DEFAULT_STORAGE_BLOCK",))] = Field(
        default=None,
        description="`type-slug/name` of the storage block for parameters of background tasks; default: as results.",
    )


class TasksSettings(Section):
    """Defaults of tasks."""

    default_retries: Annotated[int, Also(("TASK_DEFAULT_RETRIES",))] = Field(default=0, ge=0, description="Retries.")
    default_retry_delay_seconds: Annotated[Delay, Also(("TASK_DEFAULT_RETRY_DELAY_SECONDS",))] = Field(
        default=0, description="Seconds before a retry; a list gives one delay per retry."
    )
    default_persist_result: bool | None = Field(default=None, description="Persist results of tasks that do not say.")
    default_no_cache: bool = Field(default=False, description="Tasks that name no cache policy do not cache.")
    disable_caching: bool = Field(default=False, description="No task reads or writes a cache.")
    refresh_cache: bool = Field(default=False, description="Tasks run even if their result is cached.")
    runner: TaskRunnerSettings = Field(default_factory=TaskRunnerSettings)
    scheduling: TaskSchedulingSettings = Field(default_factory=TaskSchedulingSettings)


class ResultsSettings(Section):
    """Where results are kept."""

    persist_by_default: bool = Field(default=False, description="Persist results unless told otherwise.")
    default_serializer: str = Field(default="pickle", description="Serializer: pickle, json, compressed/pickle ...")
    default_storage_block: Annotated[str | None, Also(("DEFAULT_RESULT_STORAGE_BLOCK",))] = Field(
        default=None, description="`type-slug/name` of the storage block for results; also switches persistence on."
    )
    local_storage_path: Annotated[Path, Also(("LOCAL_STORAGE_PATH",))] = Field(
        default=Path("~/.ostinato/storage"), description="Folder of results without a storage block; default: in home."
    )


class LogsToApiSettings(Section):
    """How logs of runs are shipped."""

    enabled: bool = Field(default=True, description="Send logs of runs to the API.")
    batch_interval: float = Field(default=2.0, gt=0, description="Seconds between batches.")
    batch_size: int = Field(default=4_000_000, gt=0, description="Bytes of a batch at most.")
    max_log_size: int = Field(default=1_000_000, gt=0, description="Bytes of one record at most; longer ones are cut.")
    when_missing_flow: Literal["warn", "error", "ignore"] = Field(
        default="warn", description="What to do if a run logger is used outside a run."
    )


class LoggingSettings(Section):
    """What is logged, and how."""

    level: LogLevel = Field(default="INFO", description="Lowest level of run loggers.")
    internal_level: Annotated[LogLevel, Also(("INTERNAL_LOGGING_LEVEL",))] = Field(
        default="ERROR", description="Lowest level of the SDK's own loggers."
    )
    config_path: Annotated[Path, Also(("LOGGING_SETTINGS_PATH",))] = Field(
        default=Path("~/.ostinato/logging.yml"),
        description="Logging configuration in place of the packaged one, if it exists.",
    )
    extra_loggers: NameList = Field(default_factory=list, description="Other loggers whose records go to the run.")
    log_prints: bool = Field(default=False, description="Log what flows and tasks print.")
    colors: bool = Field(default=True, description="Use colours on the console.")
    markup: bool = Field(default=False, description="Interpret rich markup in messages.")
    to_api: LogsToApiSettings = Field(default_factory=LogsToApiSettings)


class RunnerServerSettings(Section):
    """The HTTP endpoints of `serve`: `/health`, `/run_count`, `/shutdown`."""

    enable: bool = Field(default=False, description="Serve them.")
    host: str = Field(default="localhost", description="Address that they listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that they listen on.")
    missed_polls_tolerance: int = Field(
        default=2, ge=1, description="Questions for due runs in a row that may fail before `/health` says 503."
    )


class RunnerSettings(Section):
    """How served flows are run."""

    process_limit: int | None = Field(default=5, ge=1, description="Runs at once at most of one `serve`.")
    poll_frequency: float = Field(default=10, gt=0, description="Seconds between questions for due runs.")
    warm_processes: int = Field(
        default=1, ge=0, le=64, description="Interpreters that `serve` and process workers keep ready; 0: none."
    )
    crash_on_cancellation_failure: bool = Field(
        default=False, description="Let the runs crash while nobody can be asked which are to be cancelled."
    )
    server: RunnerServerSettings = Field(default_factory=RunnerServerSettings)


class WorkerWebserverSettings(Section):
    """The health endpoint of a worker."""

    host: str = Field(default="0.0.0.0", description="Address that it listens on.")  # noqa: S104 - probes come from outside
    port: int = Field(default=8080, ge=0, le=65535, description="Port that it listens on.")


class WorkerSettings(Section):
    """How workers work."""

    heartbeat_seconds: float = Field(default=30, gt=0, description="Seconds between a worker's signs of life.")
    query_seconds: float = Field(default=10, gt=0, description="Seconds between questions for due runs.")
    prefetch_seconds: float = Field(default=10, ge=0, description="Seconds before it is due that a run is taken.")
    shutdown_grace_seconds: float = Field(
        default=5, ge=0, description="Seconds that a stopping process worker gives its runs to end by themselves."
    )
    webserver: WorkerWebserverSettings = Field(default_factory=WorkerWebserverSettings)


class DeploymentsSettings(Section):
    """Defaults of deployments."""

    default_work_pool_name: Annotated[str | None, Also(("DEFAULT_WORK_POOL_NAME",))] = Field(
        default=None, description="Work pool of deployments that name none."
    )
    default_docker_build_namespace: Annotated[str | None, Also(("DEFAULT_DOCKER_BUILD_NAMESPACE",))] = Field(
        default=None, description="Registry or namespace of images that name none, e.g. registry.example/team."
    )
    base_image: str | None = Field(
        default=None,
        description="Image with Ostinato that made Dockerfiles build on, e.g. ostinato/worker:latest; without it they "
        "install Ostinato from the package index.",
    )


class EventsSettings(Section):
    """How events are sent."""

    worker_max_queue_size: int = Field(default=0, ge=0, description="Events waiting to be sent at most; 0: no limit.")


class JournalSettings(Section):
    """What is kept on disk until the server has it, so that an outage or a crash loses nothing."""

    enabled: bool = Field(default=True, description="Keep events, logs and ends of runs on disk until they are safe.")
    max_size: int = Field(
        default=256 * 1024 * 1024, ge=16 * 1024 * 1024, description="Bytes of one process's journal at most."
    )
    patience: float = Field(
        default=600.0, ge=0, description="Seconds for which a run waits while the server is away, then it leaves it."
    )


class EphemeralServerSettings(Section):
    """The temporary server."""

    enabled: Annotated[bool, Also(("SERVER_ALLOW_EPHEMERAL_MODE",))] = Field(
        default=False, description="Start a temporary server if there is no API URL."
    )
    startup_timeout_seconds: int = Field(default=20, gt=0, description="Seconds to wait until it answers.")


class ServerEventsSettings(Section):
    """Limits of events that the client checks before it sends."""

    maximum_size_bytes: Annotated[int, Also(("EVENTS_MAXIMUM_SIZE_BYTES",))] = Field(
        default=1_500_000, gt=0, description="Bytes of one event at most."
    )
    maximum_labels_per_resource: int = Field(default=500, gt=0, description="Labels of one resource at most.")
    maximum_related_resources: int = Field(default=100, gt=0, description="Related resources of one event at most.")


class ServerSettings(Section):
    """What a client must know of the server's settings."""

    ephemeral: EphemeralServerSettings = Field(default_factory=EphemeralServerSettings)
    events: ServerEventsSettings = Field(default_factory=ServerEventsSettings)


class TestingSettings(Section):
    """Tests."""

    test_mode: bool = Field(default=False, description="Values of profiles are ignored.")
