"""Runs a page of the user guide as its reader would: saves its files, types its commands, compares what they print.

A comment directly above a block says what differs: `<!-- not run: why -->`; `<!-- fails -->` where the last command is
meant to end with an error; `<!-- goes on: text -->` where the last command stays until the page ends, as in a terminal
of its own, and the page goes on once it has printed `text`. `ID` in a command is the first id that was printed last.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

SECONDS = 120.0
"""How long one command may take."""

_NOTE = re.compile(r"<!--\s*(?P<kind>not run|fails|goes on)(?::\s*(?P<value>.*?))?\s*-->", re.DOTALL)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FILE_NAME = re.compile(r"\{?#\s*(?P<name>[\w./-]+\.\w+)\s*(?:#\})?$")


@dataclass(frozen=True)
class Block:
    """One code block: its language, text, line in the page, and what the comment above it says."""

    language: str
    text: str
    line: int
    note: str = ""
    value: str = ""

    @property
    def file_name(self) -> str | None:
        """The file that it is to be saved as, from a comment in its first line."""
        first = _FILE_NAME.match(self.text.partition("\n")[0])
        return first["name"] if first else None


@dataclass(frozen=True)
class Command:
    """A command line, and the lines that it prints according to the page."""

    line: str
    shown: list[str] = field(default_factory=list[str])


class WrongPage(AssertionError):
    """The page says something that does not hold; tells the line."""


def blocks_of(markdown: str) -> Iterator[Block]:
    """Yield the code blocks of a page. Raises WrongPage for comments that no block follows."""
    note: re.Match[str] | None = None
    for token in MarkdownIt().enable("table").parse(markdown):
        line = (token.map or [0])[0] + 1
        if token.type == "fence":
            language = token.info.split()[0] if token.info else ""
            kind, value = (note["kind"], (note["value"] or "").strip()) if note else ("", "")
            note = None
            if not language.startswith("{"):
                yield Block(language, token.content, line, kind, value)
        elif note is not None:
            raise WrongPage(f"line {line}: a comment says {note[0]!r}, but no code block follows it.")
        elif token.type == "html_block":
            note = _NOTE.match(token.content)


def commands_of(text: str) -> list[Command]:
    """Return the commands of a console block; a backslash at the end of a line continues it."""
    commands: list[Command] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = f"{command[:-1]}{next(lines).strip()}"
            commands.append(Command(command))
        elif commands:
            commands[-1].shown.append(line)
        else:
            raise WrongPage(f"a console block begins with {line!r} and not with a command, as in `$ ostinato version`.")
    return commands


def first_missing(shown: list[str], printed: str) -> str | None:
    """Return the first line that was not printed after the ones before it; None if all were.

    `...` stands for anything, blanks count as one, other lines may come between.
    """
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for line in filter(None, (" ".join(line.split()) for line in shown)):
        if line == "...":
            continue
        wanted = re.compile(".*".join(re.escape(part.strip()) for part in line.split("...")))
        if not any(wanted.search(each) for each in lines):
            return line
    return None


class Reader:
    """Follows one page in a folder of its own; `address` stands where the page says 127.0.0.1:4200."""

    def __init__(self, page: Path, folder: Path, address: str, environment: Mapping[str, str]) -> None:
        self._page = page
        self._folder = folder
        self._address = address
        self._environment = dict(environment)
        self._going_on: list[subprocess.Popen[bytes]] = []
        self._files: dict[str, int] = {}
        self._used = ""
        self._id = "ID"

    def follow(self) -> None:
        """Do all that the page says. Raises WrongPage at the first thing that does not come out as shown."""
        try:
            for block in blocks_of(self._page.read_text(encoding="utf-8")):
                try:
                    self._do(block)
                except WrongPage as error:
                    raise WrongPage(f"{self._page.name}, line {block.line}: {error}") from None
        finally:
            self._end()
        for name, line in self._files.items():
            if not self._is_used(name):
                raise WrongPage(f"{self._page.name}, line {line}: nothing runs or imports {name}.")

    def _is_used(self, name: str) -> bool:
        is_collected = name.startswith("test_") or name == "conftest.py"
        return Path(name).stem in self._used or (is_collected and "pytest" in self._used)

    def _do(self, block: Block) -> None:
        if block.note == "not run":
            if not block.value:
                raise WrongPage("a block that is not run must say why: <!-- not run: it needs Docker -->")
        elif block.language == "console":
            self._type(block)
        elif block.file_name:
            self._save(block.file_name, block)
        elif block.language == "python":
            name = f"block_{block.line}.py"
            self._save(name, block)
            self._check(Command(f"python {name}"), block)
        else:
            raise WrongPage(f"a block of {block.language or 'no language'} is neither a file nor commands.")

    def _save(self, name: str, block: Block) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.text), encoding="utf-8")
        self._used += "" if name in self._files else block.text.partition("\n")[2]
        self._files[name] = block.line

    def _type(self, block: Block) -> None:
        commands = commands_of(block.text)
        for command in commands:
            is_last = command is commands[-1]
            if is_last and block.note == "goes on":
                self._start(command, block.value)
            else:
                self._check(command, block, fails=is_last and block.note == "fails")

    def _check(self, command: Command, block: Block, fails: bool = False) -> None:
        self._used += command.line
        try:
            done = subprocess.run(
                ["bash", "-c", self._here(re.sub(r"\bID\b", self._id, command.line))],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            printed = (error.stdout or b"").decode(errors="replace")
            raise WrongPage(f"$ {command.line}\ndid not end within {SECONDS:.0f} s. It printed:\n{printed}") from None
        printed = self._there(done.stdout.decode(errors="replace"))
        if (done.returncode != 0) is not fails:
            raise WrongPage(f"$ {command.line}\nended with {done.returncode}. It printed:\n{printed}{self._tails()}")
        if ids := _ID.findall(printed):
            self._id = ids[0]
        if (missing := first_missing(command.shown, printed)) is not None:
            raise WrongPage(f"$ {command.line}\ndid not print\n  {missing}\nIt printed:\n{printed}{self._tails()}")

    def _start(self, command: Command, until: str) -> None:
        self._used += command.line
        log = self._folder / f".output-{len(self._going_on)}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self._here(command.line)}"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._going_on.append(process)
        deadline = time.monotonic() + SECONDS
        while first_missing([*command.shown, until], printed := self._there(log.read_text(errors="replace"))):
            if process.poll() is not None or time.monotonic() > deadline:
                raise WrongPage(f"$ {command.line}\ndid not print {until!r} and what is shown. It printed:\n{printed}")
            time.sleep(0.05)

    def _end(self) -> None:
        """Press Ctrl-C in the terminals of what goes on, the latest first."""
        for process in reversed(self._going_on):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tails(self) -> str:
        logs = sorted(self._folder.glob(".output-*"))
        return "".join(f"\n{log.name} ends with:\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def _here(self, text: str) -> str:
        return text.replace("127.0.0.1:4200", self._address)

    def _there(self, text: str) -> str:
        return text.replace(self._address, "127.0.0.1:4200")


def reader_environment(home: Path, programs: list[Path]) -> dict[str, str]:
    """Return the environment of a reader's terminal: wide, without colours, with these folders of programs first."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    path = os.pathsep.join([*map(str, programs), own.get("PATH", "")])
    return own | {
        "PATH": path,
        "OSTINATO_HOME": str(home),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(home / "reference"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
