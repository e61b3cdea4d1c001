"""Running a user's generator: item by item to a consumer, or into a list."""

from __future__ import annotations

from typing import Any

from ostinato.engine.steps import EXHAUSTED, Call, Deliver, NextItem, Plan

# Any below: items of users' generators.


def stream(call: Call, kept: list[Any] | None = None) -> Plan[None]:
    """Deliver each item to the consumer as it comes, or append it to `kept`; the limit of time is for each item."""
    items = call.function(*call.args, **(call.kwargs or {}))  # makes the generator; none of its body runs yet
    try:
        while True:
            item = yield NextItem(items, call.context, call.timeout, call.log_prints)
            if item is EXHAUSTED:
                return
            if kept is None:
                yield Deliver(item)
            else:
                kept.append(item)
    finally:  # let the generator clean up inside its run's context
        close = getattr(items, "aclose", None) or getattr(items, "close", None)
        if close is not None:
            yield Call(close, context=call.context, log_prints=call.log_prints)


def collect(call: Call) -> Plan[list[Any]]:
    """Return all items."""
    kept: list[Any] = []
    yield from stream(call, kept)
    return kept
