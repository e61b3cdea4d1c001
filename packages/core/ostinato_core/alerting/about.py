"""What a message is about: the group that it belongs to, and the words for it. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from ostinato_core.states.rows import JsonDict
from ostinato_wire.alerting import Alerting, GroupBy
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME

_KINDS: Final = {GroupBy.DEPLOYMENT: "prefect.deployment.", GroupBy.FLOW: "prefect.flow."}
_VARIABLE: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|\b[0-9a-f]{16,}\b|\d+", re.IGNORECASE
)
"""Parts of a message that differ from run to run: ids, addresses and numbers."""
_RUN_EVENT: Final = re.compile(r"prefect\.flow-run\.(\w+)")
_LONGEST: Final = 200
"""Characters of a name or a message that are kept."""


@dataclass(frozen=True, slots=True)
class About:
    """What messages of a group have in common: `key` within an automation, and `words` such as `deployment 'import'`.

    With the id of the deployment or the flow by which they are grouped.
    """

    key: str
    words: str
    deployment_id: UUID | None = None
    flow_id: UUID | None = None


def about(alerting: Alerting, automation_name: str, event: JsonDict | None) -> About:
    """Return the group of a message on an event. One without what it is grouped by belongs to the automation's."""
    whole = About("", f"automation {_named(automation_name)}")
    if event is None or alerting.digest is not None:
        return whole
    match alerting.group_by:
        case GroupBy.DEPLOYMENT | GroupBy.FLOW as kind:
            found = next((each for each in _resources(event) if each[RESOURCE_ID].startswith(_KINDS[kind])), None)
            if found is None:
                return whole
            words = f"{kind} {_named(found.get(RESOURCE_NAME) or found[RESOURCE_ID])}"
            ids = {f"{kind}_id": _id_in(found[RESOURCE_ID].removeprefix(_KINDS[kind]))}
            return About(f"{kind}:{found[RESOURCE_ID]}", words, **ids)
        case GroupBy.CAUSE:
            message = _message(event)
            cause = f"{event['event']}\n{_VARIABLE.sub('#', message)}"
            return About(f"cause:{hashlib.sha256(cause.encode()).hexdigest()}", _cause(event, message))
        case _:
            return whole


def line_of(event: JsonDict | None) -> str:
    """Return in a few words what one message tells of, such as `'grumpy-cat' of deployment 'import' Failed`."""
    if event is None:
        return "an event that did not come"
    subject = event["resource"]
    name = _named(subject.get(RESOURCE_NAME) or subject[RESOURCE_ID])
    place = next((each for each in _resources(event)[1:] if each[RESOURCE_ID].startswith("prefect.deployment.")), None)
    where = f" of deployment {_named(place.get(RESOURCE_NAME) or place[RESOURCE_ID])}" if place else ""
    return f"{name}{where}: {_happened(event)}"


def kind_of(event: JsonDict | None) -> str:
    """Return what happened, such as `runs: Failed` or `events: worker.stopped`; groups tell it if it is the same."""
    if event is None:
        return "events that did not come"
    plural = "runs" if _RUN_EVENT.fullmatch(event["event"]) else "events"
    return f"{plural} ({_happened(event)})"


def _happened(event: JsonDict) -> str:
    found = _RUN_EVENT.fullmatch(event["event"])
    return found[1] if found else event["event"][:_LONGEST]


def _cause(event: JsonDict, message: str) -> str:
    return f"{_happened(event)}: {_named(message)}" if message else _happened(event)


def _message(event: JsonDict) -> str:
    labels: Mapping[str, str] = event["resource"]
    state: Any = event["payload"].get("validated_state")  # Any: JSON that anybody may have sent
    given = cast(JsonDict, state).get("message") if isinstance(state, dict) else None
    return str(labels.get("prefect.state-message") or given or "")


def _id_in(text: str) -> UUID | None:
    """Return the id in a text: anybody may send an event about a resource of any name."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(name: str) -> str:
    return f"'{' '.join(name.split())[:_LONGEST]}'"


def _resources(event: JsonDict) -> list[dict[str, str]]:
    return [event["resource"], *event["related"]]
