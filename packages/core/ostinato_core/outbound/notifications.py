"""Sending a message by a notification block."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ostinato_core.clock import utc_now
from ostinato_core.outbound.answers import outcome_of
from ostinato_core.outbound.http import HttpClient, NotAnswered, host_of
from ostinato_core.outbound.outcome import Outcome, delivered, lost
from ostinato_core.states.rows import JsonDict
from ostinato_wire.notifications import NOTIFICATION_BLOCKS, HttpRequest


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """A block document whose secrets are in clear; it has no representation for that reason."""

    slug: str
    data: Mapping[str, Any]  # Any: JSON


async def notify(client: HttpClient, block: Block, subject: str | None, body: str) -> Outcome:
    """Send a message by a block: by one request, or by one for each channel or person that it names."""
    kind = NOTIFICATION_BLOCKS.get(block.slug)
    if kind is None:
        known = ", ".join(sorted(NOTIFICATION_BLOCKS))
        return lost(f"The server cannot send by a block of the type {block.slug!r}; it can by {known}.")
    try:
        data = kind.model_validate(block.data)
    except ValidationError as error:
        return lost(invalid_block(block.slug, error))
    return _together([await send(client, each, data.allow_private_urls) for each in data.requests(body, subject)])


async def send(client: HttpClient, request: HttpRequest, allow_private: bool, *, verify: bool = True) -> Outcome:
    """Send a request and say what became of it."""
    try:
        answer = await client.send(request, allow_private=allow_private, verify=verify)
        return outcome_of(host_of(request.url), request, answer, utc_now())
    except NotAnswered as error:
        return Outcome(delivered=False, is_final=error.is_final, reason=error.reason)


def invalid_block(slug: str, error: ValidationError) -> str:
    """Return in words which members of a block's data are wrong, and nothing of what they hold."""
    members = sorted({".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)})
    return f"The block of the type {slug!r} cannot be used: look at its {', '.join(members)}."


def _together(outcomes: list[Outcome]) -> Outcome:
    """Return one outcome of several requests. Where some have arrived, another attempt would double these."""
    missed = [outcome for outcome in outcomes if not outcome.delivered]
    if not outcomes:
        return lost("The block names nobody whom to tell.")
    if not missed:
        return delivered(_several(outcomes))
    if len(missed) == len(outcomes):
        return next((outcome for outcome in missed if outcome.is_final), missed[0])
    reason = f"{len(missed)} of {len(outcomes)} were not told: {missed[0].reason}"
    return lost(reason, _several(outcomes))


def _several(outcomes: list[Outcome]) -> JsonDict:
    return outcomes[0].details if len(outcomes) == 1 else {"answers": [outcome.details for outcome in outcomes]}
