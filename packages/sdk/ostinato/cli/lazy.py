"""A command group whose commands are imported when they are called, so that help and start-up stay fast."""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import click
import typer
from typer.core import TyperGroup


class CommandFailed(click.ClickException):
    """A known problem; the message is shown as one red line and the command ends with code 1."""

    exit_code = 1


def did_you_mean(names: Iterable[str]) -> str:
    """Return the sentence that offers names, with a space before it; nothing for none."""
    offered = " or ".join(map(repr, names))
    return f" Did you mean {offered}?" if offered else ""


_OTHER_WORDS: Final = {
    "add": "create",
    "describe": "inspect",
    "edit": "update",
    "get": "inspect",
    "list": "ls",
    "new": "create",
    "remove": "delete",
    "rm": "delete",
    "show": "inspect",
    "unpause": "resume",
}
"""What other command lines call a command -> what it is called here."""


class Group(TyperGroup):
    """A group of commands that shows its help, and succeeds, if no command is given."""

    def names(self, ctx: click.Context) -> list[str]:
        """Return every name that a command of the group may be called by."""
        return self.list_commands(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; of an unknown one tell which may have been meant."""
        try:
            return click.Group.resolve_command(self, ctx, args)
        except click.UsageError:
            meant = self._meant(ctx, args[0]) if args else []
            if not meant:
                raise
            raise click.UsageError(f"No such command {args[0]!r}.{did_you_mean(meant)}", ctx) from None

    def _meant(self, ctx: click.Context, word: str) -> list[str]:
        names = self.names(ctx)
        other = _OTHER_WORDS.get(word)
        return [other] if other in names else get_close_matches(word, names)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; without any, show the help."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit(0)
        return super().parse_args(ctx, args)


def new_app(summary: str) -> typer.Typer:
    """Return an empty app for the commands of one noun."""
    return typer.Typer(cls=Group, help=summary, add_completion=False, rich_markup_mode="rich")


@dataclass(frozen=True)
class Entry:
    """A command that can be imported: its line in the help, and how to get it."""

    summary: str
    load: Callable[[], click.Command]


def from_module(location: str) -> Callable[[], click.Command]:
    """Return a loader of the typer app at `package.module:attribute`."""

    def load() -> click.Command:
        module, _, attribute = location.partition(":")
        return typer.main.get_command(getattr(importlib.import_module(module), attribute))

    return load


class LazyGroup(Group):
    """A group that knows names and summaries of its commands, and imports a command when it is called."""

    entries: dict[str, Entry]
    aliases: dict[str, str]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without aliases, in alphabetical order."""
        return sorted({*self.entries, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a stand-in that has the name and summary of a command: enough for the help."""
        entry = self.entries.get(self.aliases.get(cmd_name, cmd_name))
        if entry is None:
            return super().get_command(ctx, cmd_name)
        return click.Command(cmd_name, help=entry.summary)

    def names(self, ctx: click.Context) -> list[str]:
        """Return every name that a command of the group may be called by."""
        return [*self.list_commands(ctx), *self.aliases]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called, imported, and the arguments that are left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        entry = self.entries.get(self.aliases.get(name or "", name or ""))
        if entry is None:
            return name, command, rest
        real = entry.load()
        real.name = name
        return name, real, rest
