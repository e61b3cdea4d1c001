"""Clients that do not know our extensions: what they see of an automation, and what stays when they replace it.

The reference's client refuses a whole list of automations for one action that it does not know, and forgets members
that it does not know.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.actions import Action, DoNothing, Notice
from ostinato_wire.alerting import Alerting
from ostinato_wire.automations import AutomationUpdate

_MEMBERS: Final = ("actions", "actions_on_trigger", "actions_on_resolve")
_UNKNOWN: Final = frozenset({"send-email-notification"})
"""Actions that the reference's client does not know; it knows all that its Cloud has beside this."""
_ACTION: Final[TypeAdapter[Action]] = TypeAdapter(Action)


def as_known(automation: JsonDict) -> JsonDict:
    """Return an automation in which actions that the reference's client does not know do nothing."""
    shown = {name: [_known(action) for action in automation[name]] for name in _MEMBERS}
    return {**automation, **shown}


def may_have_forgotten(automation: AutomationUpdate, *, is_reference: bool) -> bool:
    """Return whether there is an action of which the client that sent it may not know all."""
    return any(_is_silent(each) or (is_reference and _stands_in(each)) for each in automation.all_actions())


def with_forgotten(stored: Row, automation: AutomationUpdate, *, is_reference: bool) -> AutomationUpdate:
    """Return an automation whose actions have what the stored ones in their places have, as far as the client says
    nothing of it: whole ones from the reference's client, which has been shown others, and how they alert.
    """
    kept = {name: _kept(stored[name], getattr(automation, name), is_reference) for name in _MEMBERS}
    return automation.model_copy(update=kept)


def _known(action: JsonDict) -> JsonDict:
    return DoNothing().model_dump(mode="json") if action["type"] in _UNKNOWN else action


def _kept(stored: Sequence[JsonDict], given: Sequence[Action], is_reference: bool) -> list[Action]:
    before = [*stored, *({"type": None} for _ in given[len(stored) :])]
    return [_one(old, new, is_reference) for old, new in zip(before, given, strict=False)]


def _one(old: JsonDict, new: Action, is_reference: bool) -> Action:
    if is_reference and _stands_in(new) and old["type"] in _UNKNOWN:
        return _ACTION.validate_python(old)
    if _is_silent(new) and old["type"] == new.type and old.get("alerting"):
        return new.model_copy(update={"alerting": Alerting.model_validate(old["alerting"])})
    return new


def _stands_in(action: Action) -> bool:
    return isinstance(action, DoNothing)


def _is_silent(action: Action) -> bool:
    return isinstance(action, Notice) and "alerting" not in action.model_fields_set
