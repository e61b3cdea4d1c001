"""`ostinato doctor`: look at everything between this machine and the server, and name the remedy of what is wrong."""

from dataclasses import asdict
from textwrap import wrap
from typing import Final

import typer
from rich.text import Text

from ostinato.cli import output
from ostinato.cli.diagnosis.checks import CHECKS, examine
from ostinato.cli.diagnosis.verdict import Finding, Status
from ostinato.cli.lazy import new_app

app = new_app("Find out what keeps this machine from its server.")

_SIGNS: Final = {
    Status.OK: ("✓", "+", "green"),
    Status.WARNING: ("!", "!", "yellow"),
    Status.FAILED: ("✗", "x", "bold red"),
    Status.SKIPPED: ("-", "-", "dim"),
}
"""The sign of a status, the same for terminals that know ASCII only, and its colour."""
_NAMES_WIDTH: Final = max(len(check.name) for check in CHECKS)


@app.command("doctor")
def look(as_json: output.OutputOption = None) -> None:
    """Check the way to the server, step by step; exit code 0 if nothing failed. Changes nothing on the server."""
    findings: list[Finding] = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        output.print_json([asdict(finding) for finding in findings])
    else:
        _sum_up(findings)
    if any(finding.status is Status.FAILED for finding in findings):
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    """Print a finding at once, the remedy in a line of its own; long lines are folded beside the names."""
    console = output.console()
    sign, plain_sign, color = _SIGNS[finding.status]
    style = color if finding.status is Status.SKIPPED else ""
    head = Text.assemble((plain_sign if console.options.ascii_only else sign, color), " ")
    head.append(finding.check.ljust(_NAMES_WIDTH + 1), style)
    for line in _folded(finding.found):
        console.print(head + Text(line, style), soft_wrap=True)
        head = Text(" " * len(head))
    for line in _folded(finding.remedy) if finding.remedy else ():
        console.print(head + Text(line, "cyan"), soft_wrap=True)


def _folded(text: str) -> list[str]:
    width = output.console().width - _NAMES_WIDTH - 3
    if not output.settings_or_defaults().cli.wrap_lines or width < 20:
        return [text]
    return wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _sum_up(findings: list[Finding]) -> None:
    failures = sum(finding.status is Status.FAILED for finding in findings)
    warnings = sum(finding.status is Status.WARNING for finding in findings)
    noted = f", {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
    if failures:
        output.say(f"{failures} of {len(findings)} checks failed{noted}.", "red")
    elif warnings:
        output.say(f"Nothing failed{noted}.", "yellow")
    else:
        output.succeed("All is well.")
