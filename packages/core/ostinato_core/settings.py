"""Settings of the server, read from the environment.

Each is `OSTINATO_<PATH>`. Where the reference has the same setting, its `PREFECT_<PATH>` name, and its older
names, are accepted as a fallback. Profiles and files are resolved by the CLI, which hands them on as environment.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ostinato_core.environment import API_BASE_PATH, API_PORT
from ostinato_core.loop_settings import LoopSettings
from ostinato_core.outbound.settings import OutboundSettings
from ostinato_core.settings_fields import setting


class ServerSettings(LoopSettings, OutboundSettings):
    """All settings of the server, by group. Times in seconds unless said otherwise."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", case_sensitive=True, populate_by_name=True)

    home: Path = setting("HOME", Path("~/.ostinato"), "Folder of the database, profiles and process files.")

    api_host: str = setting("SERVER_API_HOST", "127.0.0.1", "Address on which the server listens.")
    api_port: int = setting("SERVER_API_PORT", API_PORT, "Port on which the server listens.", ge=0, le=65535)
    api_base_path: str = setting("SERVER_API_BASE_PATH", API_BASE_PATH, "Path under which the API is served.")
    api_auth_string: SecretStr | None = setting(
        "SERVER_API_AUTH_STRING", None, "user:password that every request must carry (HTTP Basic), if set."
    )
    api_default_limit: int = setting(
        "SERVER_API_DEFAULT_LIMIT", 200, "Rows of a list answer, at most.", "API_DEFAULT_LIMIT", ge=1
    )
    api_workers: int = setting("SERVER_API_WORKERS", 1, "Processes of one API service, under gunicorn.", ge=1)
    api_schema_timeout: float = setting(
        "SERVER_API_SCHEMA_TIMEOUT", 300.0, "Seconds for which an API service that starts waits for the migrator.", gt=0
    )
    api_drain_timeout: int = setting(
        "SERVER_API_DRAIN_TIMEOUT", 25, "Seconds that requests under way get to finish at the end.", ge=1
    )
    api_keepalive_timeout: int = setting(
        "SERVER_API_KEEPALIVE_TIMEOUT",
        # Clients keep theirs for 25 s and proxies mostly for 60 s: who closes first must not be the one who is about
        # to be asked, because a request that meets the end of its connection fails.
        75,
        "Seconds for which an idle connection is kept open; longer than clients and proxies keep it.",
        ge=1,
    )
    api_max_parameter_size: int = setting(
        "SERVER_API_MAX_PARAMETER_SIZE", 524_288, "Bytes of a run's parameters as compact JSON; 0 is unlimited.", ge=0
    )
    api_max_body_size: int = setting(
        "SERVER_API_MAX_BODY_SIZE", 32 * 1024 * 1024, "Bytes of a request body, at most.", ge=1024
    )
    api_rate_limit: int = setting(
        "SERVER_API_RATE_LIMIT", 0, "Requests a minute that one address may send, on average; 0 is unlimited.", ge=0
    )
    api_proxies: int = setting(
        "SERVER_API_PROXIES",
        0,
        "Proxies in front of the server: the client's address is so many places from the end of X-Forwarded-For.",
        ge=0,
    )
    api_csrf_protection_enabled: bool = setting(
        "SERVER_API_CSRF_PROTECTION_ENABLED", False, "Ask for CSRF tokens.", "SERVER_CSRF_PROTECTION_ENABLED"
    )
    api_csrf_token_expiration: float = setting(
        "SERVER_API_CSRF_TOKEN_EXPIRATION", 3600.0, "Life of a CSRF token.", "SERVER_CSRF_TOKEN_EXPIRATION", gt=0
    )
    api_cors_allowed_origins: Annotated[list[str], NoDecode] = setting(
        "SERVER_API_CORS_ALLOWED_ORIGINS", ["*"], "Comma-separated origins.", "SERVER_CORS_ALLOWED_ORIGINS"
    )
    api_websocket_ping_interval: float = setting(
        "SERVER_API_WEBSOCKET_PING_INTERVAL", 20.0, "Seconds between pings to a socket.", gt=0
    )

    database_connection_url: SecretStr | None = setting(
        "API_DATABASE_CONNECTION_URL",
        None,
        "sqlite+aiosqlite:///<path> or postgresql+asyncpg://user@host/database; default: ostinato.db in the home.",
        "SERVER_DATABASE_CONNECTION_URL",
    )
    database_password: SecretStr | None = setting(
        "API_DATABASE_PASSWORD", None, "Put in the URL where it says ${...PASSWORD}.", "SERVER_DATABASE_PASSWORD"
    )
    database_password_file: Path | None = setting(
        "API_DATABASE_PASSWORD_FILE", None, "File that holds it, where it is not given itself."
    )
    database_timeout: float | None = setting(
        "API_DATABASE_TIMEOUT", 10.0, "Limit of one statement.", "SERVER_DATABASE_TIMEOUT"
    )
    database_connection_timeout: float | None = setting(
        "API_DATABASE_CONNECTION_TIMEOUT", 5.0, "Limit for connecting.", "SERVER_DATABASE_CONNECTION_TIMEOUT"
    )
    database_echo: bool = setting(
        "API_DATABASE_ECHO", False, "Log every SQL statement, without its values.", "SERVER_DATABASE_ECHO"
    )
    database_migrate_on_start: bool = setting(
        "API_DATABASE_MIGRATE_ON_START",
        True,
        "Bring the schema up to date at start.",
        "SERVER_DATABASE_MIGRATE_ON_START",
    )
    database_pool_size: int = setting(
        "SERVER_DATABASE_SQLALCHEMY_POOL_SIZE", 8, "Postgres connections kept open.", "SQLALCHEMY_POOL_SIZE", ge=1
    )
    database_max_overflow: int = setting(
        "SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW",
        0,
        "Further connections under load. Each is opened for one use and closed, which costs more than waiting.",
        "SQLALCHEMY_MAX_OVERFLOW",
        ge=0,
    )

    redis_url: SecretStr | None = setting(
        "REDIS_URL",
        None,
        "redis://[user:password@]host:port/0 of a Redis or Valkey through which several server processes coordinate.",
    )

    encryption_key: SecretStr | None = setting(
        "ENCRYPTION_KEY",
        None,
        "Keys of 32 bytes in base64, separated by commas, that open stored secrets; the first one seals new ones.",
    )
    encryption_key_file: Path | None = setting(
        "ENCRYPTION_KEY_FILE", None, "File with such keys, one a line; default: encryption.key in the home, if there."
    )

    logging_level: str = setting(
        "SERVER_LOGGING_LEVEL", "WARNING", "Level of the server's own log.", "LOGGING_SERVER_LEVEL"
    )

    events_retention: float = setting(
        "SERVER_EVENTS_RETENTION_PERIOD", 7 * 86_400.0, "Life of an event.", "EVENTS_RETENTION_PERIOD", gt=0
    )
    events_maximum_size_bytes: int = setting(
        "SERVER_EVENTS_MAXIMUM_SIZE_BYTES",
        1_500_000,
        "Bytes of one event's JSON, at most.",
        "EVENTS_MAXIMUM_SIZE_BYTES",
    )
    events_stream_out_enabled: bool = setting(
        "SERVER_EVENTS_STREAM_OUT_ENABLED", True, "Serve /events/out.", "API_EVENTS_STREAM_OUT_ENABLED"
    )
    events_websocket_backfill: float = setting(
        "SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL",
        900.0,
        "How far back /events/out reaches.",
        "EVENTS_MAXIMUM_WEBSOCKET_BACKFILL",
    )
    events_websocket_backfill_page_size: int = setting(
        "SERVER_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE",
        250,
        "Events a page of back-fill.",
        "EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE",
        ge=1,
    )

    webhooks_maximum_body_size: int = setting(
        "SERVER_WEBHOOKS_MAXIMUM_BODY_SIZE", 1024 * 1024, "Bytes of a request to a webhook, at most.", ge=1024
    )
    webhooks_rate_limit: int = setting(
        "SERVER_WEBHOOKS_RATE_LIMIT",
        600,
        "Requests a minute that one webhook takes, on average; 0 is unlimited.",
        ge=0,
    )
    webhooks_tolerance: float = setting(
        "SERVER_WEBHOOKS_TOLERANCE", 300.0, "Seconds by which the clock of a sender who signs may differ.", gt=0
    )
    webhooks_memory: float = setting(
        "SERVER_WEBHOOKS_MEMORY",
        7 * 86_400.0,
        "For how long a signed request without a time is known, so that it is not taken again.",
        gt=0,
    )

    concurrency_slot_wait: float = setting(
        "SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS",
        30.0,
        "Longest wait that is told to clients who ask for slots in vain.",
        gt=0,
    )
    tag_concurrency_slot_wait: float = setting(
        "SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS",
        10.0,
        "The same for slots on task tags.",
        "TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS",
        gt=0,
    )
    deployment_lease_duration: float = setting(
        "SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION",
        300.0,
        "How long a run may take from PENDING to RUNNING before its deployment slot is given away.",
        ge=30,
        le=3600,
    )
    deployment_slot_wait: float = setting(
        "SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS",
        30.0,
        "After how many seconds a run asks again for a slot of its deployment.",
        "DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS",
        gt=0,
    )
    logs_stream_out_enabled: bool = setting("SERVER_LOGS_STREAM_OUT_ENABLED", True, "Serve /logs/out.")
    logs_stream_publishing_enabled: bool = setting(
        "SERVER_LOGS_STREAM_PUBLISHING_ENABLED", True, "Pass lines on to those who follow them live."
    )

    max_cache_key_length: int = setting(
        "SERVER_TASKS_MAX_CACHE_KEY_LENGTH", 2000, "Characters of a cache key, at most.", ge=1
    )
    graph_max_nodes: int = setting("SERVER_FLOW_RUN_GRAPH_MAX_NODES", 10_000, "Nodes of a graph, at most.", ge=1)

    metrics_enabled: bool = setting("SERVER_METRICS_ENABLED", False, "Serve /metrics for Prometheus.")

    ui_enabled: bool = setting("SERVER_UI_ENABLED", True, "Serve the web UI.", "UI_ENABLED")

    ui_folder: Path | None = setting(
        "SERVER_UI_FOLDER", None, "Folder of the built web UI, for API processes that are to serve it themselves."
    )
    ui_url: str | None = setting("UI_URL", None, "Address of the web UI, for links; default: the server's own.")
    ui_api_url: str | None = setting(
        "SERVER_UI_API_URL", None, "Address of the API as browsers see it; default: on the UI's own.", "UI_API_URL"
    )

    @field_validator("api_cors_allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _expand_home(self) -> "ServerSettings":
        self.home = self.home.expanduser()
        return self

    def database_url(self) -> str:
        """Return the database URL with its password. Errors: ValueError where a password is asked for and not set."""
        if self.database_connection_url is None:
            return f"sqlite+aiosqlite:///{self.home / 'ostinato.db'}"
        url = self.database_connection_url.get_secret_value()
        for name in (
            "OSTINATO_API_DATABASE_PASSWORD",
            "PREFECT_API_DATABASE_PASSWORD",
            "PREFECT_SERVER_DATABASE_PASSWORD",
        ):
            placeholder = "${" + name + "}"
            if placeholder in url:
                url = url.replace(placeholder, self._password(placeholder, name))
        return url

    def _password(self, placeholder: str, name: str) -> str:
        if self.database_password is not None:
            return self.database_password.get_secret_value()
        if self.database_password_file is None:
            raise ValueError(f"The database URL refers to {placeholder}, but {name} is not set: set it.")
        try:
            return self.database_password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(
                f"The password file {self.database_password_file} cannot be read ({error.strerror}): look at "
                "OSTINATO_API_DATABASE_PASSWORD_FILE."
            ) from None


@cache
def server_settings() -> ServerSettings:
    """Return the settings of this process, read once."""
    return ServerSettings()
