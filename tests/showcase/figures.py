"""What the web UI costs, beside its targets: measured by `ui/e2e/figures.ts` in a browser, told as a table or JSON."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from tests.showcase import large
from tests.showcase.scripts import run_script
from tests.support.server import Server

NARROW = 3
"""Digits that are shown of a number below 100."""


class Figure(TypedDict):
    """A number, and what it may be at most in the same unit; None for what is only told.

    `cpu`: seconds of processor time that the browser and the server spent on it, None for what is no time.
    """

    what: str
    value: float
    cpu: float | None
    unit: str
    most: float | None


class Figures(TypedDict):
    """All that was measured, and where; `load` before and after, as a mean of a minute."""

    machine: str
    browser: str
    load: tuple[float, float]
    seconds: float
    figures: list[Figure]


def main(server: Server, arguments: Sequence[str]) -> int:
    """Measure on a server that is not started yet; return the status of the command."""
    options, more = _parser().parse_known_args(arguments)
    began, before = time.monotonic(), os.getloadavg()[0]
    shown = large.fill(server.home, server.database_url)
    _say(f"Filled the database in {time.monotonic() - began:.0f} s.")
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        status = run_script("figures", server, shown, more, {"OSTINATO_UI_FIGURES": str(file)})
        found: Any = json.loads(file.read_bytes()) if file.exists() else {"browser": "", "figures": []}  # Any: JSON
    load = (before, os.getloadavg()[0])
    figures = Figures(machine=_machine(), load=load, seconds=time.monotonic() - began, **found)
    print(json.dumps(figures, indent=2) if options.output == "json" else table(figures))
    if options.file is not None:
        options.file.write_text(json.dumps(figures, indent=2) + "\n")
    if status == 0 and options.hold and missed(figures):
        return 1
    return status


def missed(figures: Figures) -> list[Figure]:
    """Return what is more than it may be."""
    return [figure for figure in figures["figures"] if _is_missed(figure)]


def table(figures: Figures) -> str:
    """Return the figures as a table of Markdown, and below it where they were measured."""
    rows: list[tuple[str, ...]] = [("what", "measured", "at most", "ok", "processor"), *map(_row, figures["figures"])]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows]
    lines.insert(1, f"|{'|'.join('-' * (width + 2) for width in widths)}|")
    load = " to ".join(f"{each:.1f}" for each in figures["load"])
    place = f"{figures['machine']}, {figures['browser']}, load {load}, {figures['seconds']:.0f} s in all"
    return "\n".join([*lines, "", place])


def _row(figure: Figure) -> tuple[str, ...]:
    most, unit = figure["most"], figure["unit"]
    ok = "" if most is None else "NO" if _is_missed(figure) else "yes"
    cpu = "" if figure["cpu"] is None else _words(figure["cpu"], "s")
    return figure["what"], _words(figure["value"], unit), "" if most is None else _words(most, unit), ok, cpu


def _words(value: float, unit: str) -> str:
    shown = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.{NARROW}g}"
    return f"{shown} {unit}".strip()


def _is_missed(figure: Figure) -> bool:
    return figure["most"] is not None and figure["value"] > figure["most"]


def _machine() -> str:
    return f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make ui-figures", description=__doc__)
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table", help="how they are printed")
    parser.add_argument("--file", type=Path, help="write them to a file, too, as JSON")
    parser.add_argument("--hold", action="store_true", help="fail where a target is missed")
    return parser
