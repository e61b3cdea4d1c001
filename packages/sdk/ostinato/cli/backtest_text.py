"""What `ostinato automation test` shows of a back-test."""

import json
from collections.abc import Sequence

from ostinato.cli import output
from ostinato_wire.backtests import Backtest, BacktestAction, BacktestFiring, EventExplanation


def show(found: Backtest) -> None:
    """Show the firings as a table, the explanation where there is one, and how much was looked at."""
    if found.firings:
        output.print_table(
            "Firings", ["Time", "Event", "Labels", "Actions"], list(map(_row, found.firings)), wide="Event"
        )
    if found.explanation is not None:
        _explain(found.explanation)
    times = "time" if found.fired == 1 else "times"
    said = (
        f"It would have fired {found.fired} {times} by {found.events} events since {found.since:%Y-%m-%d %H:%M:%S} UTC."
    )
    output.succeed(said) if found.fired else output.say(said)
    if len(found.firings) < found.fired:
        output.note(f"The first {len(found.firings)} firings are shown.")
    if not found.is_complete:
        output.warn(
            f"There was too much to look at: it is as of {found.until:%Y-%m-%d %H:%M:%S} UTC. Give a later --since."
        )


def _row(firing: BacktestFiring) -> Sequence[str]:
    event = firing.triggering_event
    return (
        f"{firing.triggered:%Y-%m-%d %H:%M:%S}",
        "absent"
        if event is None
        else output.plain(f"{event.event}\n{event.resource['prefect.resource.id']}\n{event.id}"),
        output.plain("\n".join(f"{label}: {value}" for label, value in firing.triggering_labels.items())),
        output.plain("\n".join(map(_action, firing.actions))),
    )


def _action(action: BacktestAction) -> str:
    lines = [f"{action.type} {action.target}" if action.target else action.type]
    for name, value in action.rendered.items():
        lines.append(f"  {name}: {value if isinstance(value, str) else json.dumps(value)}")
    if action.reason:
        lines.append(f"  would fail: {action.reason}")
    return "\n".join(lines)


def _explain(explanation: EventExplanation) -> None:
    verb = "fires" if explanation.fired else "does not fire"
    output.say(f"The event {explanation.event.event} ({explanation.event.id}) {verb} the automation:", "bold")
    for number, trigger in enumerate(explanation.triggers, start=1):
        label = f"trigger {number}: " if len(explanation.triggers) > 1 else ""
        for reason in trigger.reasons:
            output.say(f"  {label}{reason}")
