"""The table of the matrix: a line for each scenario, a column for each client, then remarks."""

from collections.abc import Iterable, Sequence

from tests.compat.cells import Cell, Verdict
from tests.compat.clients import Client


def table(cells: Sequence[Cell], clients: Iterable[Client], server: str) -> str:
    """Return the table as Markdown, with the reasons of cells that are not plainly ok below it."""
    names = [client.name for client in clients]
    found = {(cell.scenario, cell.client.name): cell for cell in cells}
    scenarios = list(dict.fromkeys(cell.scenario for cell in cells))
    width = max((len(name) for name in scenarios), default=8)
    lines = [_row([f"{server:<{width}}", *(f"{name:<12}" for name in names)])]
    lines.append(_row(["-" * width, *("-" * 12 for _ in names)]))
    for scenario in scenarios:
        words = [_word(found.get((scenario, name))) for name in names]
        lines.append(_row([f"{scenario:<{width}}", *(f"{word:<12}" for word in words)]))
    return "\n".join([*lines, "", *_remarks(cells), summary(cells)])


def summary(cells: Sequence[Cell]) -> str:
    """Return the closing line."""
    count = {verdict: sum(cell.verdict is verdict for cell in cells) for verdict in Verdict}
    return f"{count[Verdict.OK]} passed, {count[Verdict.FAILED]} failed, {count[Verdict.CANNOT]} skipped"


def _row(words: list[str]) -> str:
    return "| " + " | ".join(words) + " |"


def _word(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    return f"{cell.verdict.value}{'*' if cell.notes else ''} {cell.seconds:.0f} s"


def _remarks(cells: Sequence[Cell]) -> list[str]:
    remarks: dict[str, list[str]] = {}
    for cell in cells:
        what = [f"{cell.verdict.value}: {cell.reason}"] if cell.reason else []
        for remark in [*what, *(f"* {note}" for note in cell.notes)]:
            remarks.setdefault(f"{cell.scenario}: {remark}", []).append(cell.client.name)
    return [f"{remark} ({', '.join(names)})" for remark, names in remarks.items()] + [""] * bool(remarks)
