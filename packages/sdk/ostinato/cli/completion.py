"""`ostinato completion`: let the shell complete commands, options and names."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument
from ostinato.settings import get_current_settings

app = new_app("Let the shell complete commands, options and names.")

PROGRAM = "ostinato"
VARIABLE = "_OSTINATO_COMPLETE"
"""Set by the shell when it asks what there is to complete."""

_ZSH_NEEDS = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
"""What the script calls; a shell of which nothing else is completed has not loaded it."""


class Shell(StrEnum):
    """Shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_KINDS = {Shell.BASH: BashComplete, Shell.ZSH: ZshComplete, Shell.FISH: FishComplete}
"""Click's own; in its register there may be what another library has put there."""


Choice = Annotated[Shell | None, argument(metavar="[bash|zsh|fish]", help="Default: the shell that you use.")]


@app.command()
def show(shell: Choice = None) -> None:
    """Print the script that makes a shell complete."""
    click.echo(_script(shell or _own_shell()))


@app.command()
def install(shell: Choice = None) -> None:
    """Let a shell complete from its next start on."""
    shell = shell or _own_shell()
    script = _script(shell)
    try:
        if shell is Shell.FISH:
            config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
            told = [_write(config / "fish" / "completions" / f"{PROGRAM}.fish", script)]
        else:
            path = _write(get_current_settings().home / f"completion.{shell}", script)
            told = [path, _add_line(Path.home() / f".{shell}rc", f'[ -f "{path}" ] && source "{path}"')]
    except OSError as error:
        output.fail(f"Cannot write {error.filename}: {error.strerror}.")
    output.succeed(f"Completion for {shell} is in {' and '.join(map(str, told))}.")
    output.say(f"It works in every new shell. In this one: exec {shell}")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    return path


def _add_line(path: Path, line: str) -> Path:
    """Add a line to the end of a file, unless it is there."""
    present = path.read_text() if path.exists() else ""
    if line not in present.splitlines():
        with path.open("a") as file:
            file.write(f"{'' if not present or present.endswith(chr(10)) else chr(10)}{line}\n")
    return path


def _script(shell: Shell) -> str:
    source = _KINDS[shell](click.Command(PROGRAM), {}, PROGRAM, VARIABLE).source().strip()
    return _ZSH_NEEDS + source.removeprefix(f"#compdef {PROGRAM}").strip() if shell is Shell.ZSH else source


def _own_shell() -> Shell:
    name = Path(os.environ.get("SHELL", "")).name
    try:
        return Shell(name)
    except ValueError:
        output.fail("Your shell is not known: name it. Choose from: bash, zsh, fish.")
