"""The settings as `GET /admin/settings` shows them: in the groups of the wire, secrets masked."""

import re
from typing import Any, Final

from pydantic import AliasChoices, SecretStr

from ostinato_core.settings import ServerSettings

MASK: Final = "********"
_GROUPS: Final = (
    ("SERVER_DATABASE_SQLALCHEMY_", ("server", "database", "sqlalchemy")),
    ("SERVER_DATABASE_", ("server", "database")),
    ("API_DATABASE_", ("server", "database")),
    ("SERVER_API_", ("server", "api")),
    ("SERVER_CONCURRENCY_", ("server", "concurrency")),
    ("SERVER_DEPLOYMENTS_", ("server", "deployments")),
    ("SERVER_EVENTS_", ("server", "events")),
    ("SERVER_FLOW_RUN_GRAPH_", ("server", "flow_run_graph")),
    ("SERVER_LOGS_", ("server", "logs")),
    ("SERVER_TASKS_", ("server", "tasks")),
    ("SERVER_UI_", ("server", "ui")),
    ("SERVER_WORKER_CHANNEL_", ("server", "worker_channel")),
    ("SERVER_", ("server",)),
    ("", ()),
)
_SERVICE: Final = re.compile(
    r"SERVER_SERVICES_(CANCELLATION_CLEANUP|DB_VACUUM|EVENT_PERSISTER|EVENT_LOGGER|FOREMAN|LATE_RUNS|SCHEDULER|"
    r"PAUSE_EXPIRATIONS|REPOSSESSOR|CLEANUP_RECONCILER|TASK_RUN_RECORDER|TRIGGERS)_"
)
_DURATIONS: Final = frozenset({"csrf_token_expiration", "retention_period", "maximum_websocket_backfill"})
"""Numbers of seconds that the wire has as ISO 8601 durations."""

Json = Any  # any JSON value


def shown(settings: ServerSettings) -> dict[str, Json]:
    """Return all settings as a nested object; a secret that is set is a row of asterisks."""
    tree: dict[str, Json] = {}
    for name, field in type(settings).model_fields.items():
        alias = field.validation_alias
        first = alias.choices[0] if isinstance(alias, AliasChoices) else name.upper()
        group, member = _place(str(first).removeprefix("OSTINATO_"))
        branch = tree
        for part in group:
            branch = branch.setdefault(part, {})
        branch[member] = _shown(member, getattr(settings, name))
    return tree


def _place(path: str) -> tuple[tuple[str, ...], str]:
    if service := _SERVICE.match(path):
        return ("server", "services", service[1].lower()), path[service.end() :].lower()
    prefix, group = next(each for each in _GROUPS if path.startswith(each[0]))
    return group, path.removeprefix(prefix).lower()


def _shown(member: str, value: object) -> Json:
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, float) and member in _DURATIONS:
        return f"PT{value:f}".rstrip("0").rstrip(".") + "S"
    if isinstance(value, list):
        return ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]  # a list setting is of text
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
