"""How far a long measurement is: a bar on a terminal, a line for each step everywhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """Counts steps while they are done; use it as a context."""

    def __init__(self, console: Console, total: int) -> None:
        """Prepare for `total` steps."""
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=total)
        self._console = console

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, what: str) -> None:
        """Say what is done now."""
        self._progress.update(self._task, description=what)

    def tell(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, highlight=False, markup=False)

    def done(self, line: str = "") -> None:
        """Count a step, and print a line about it."""
        if line:
            self.tell(line)
        self._progress.advance(self._task)
