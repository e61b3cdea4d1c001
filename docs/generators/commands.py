"""The reference of commands: one page for each command of the first level, from the command tree itself."""

from collections.abc import Iterator

import click
import typer

from ostinato.cli.lazy import LazyGroup
from ostinato.cli.main import app

ROOT = "ostinato"


def pages() -> dict[str, str]:
    """Return the pages by file name: `cli/index.md` with the global options, and one for each command."""
    root = typer.main.get_command(app)
    children = dict(subcommands(root))
    found = {f"cli/{name}.md": _page(name, command) for name, command in children.items()}
    return found | {"cli/index.md": _index(root, children)}


def subcommands(group: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield the sub-commands that are shown, imported where the group holds only stand-ins."""
    if not isinstance(group, click.Group):
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        entries = group.entries if isinstance(group, LazyGroup) else {}
        command = entries[name].load() if name in entries else group.get_command(context, name)
        if command is not None and not command.hidden:
            yield name, command


def _index(root: click.Command, children: dict[str, click.Command]) -> str:
    rows = [f"| [`{ROOT} {name}`]({name}.md) | {_first_line(command)} |" for name, command in children.items()]
    return "\n".join(
        [
            "# Commands",
            "",
            "Generated from the command line itself. How to use it: [the command line](../../../user/guide/cli.md).",
            "",
            *_table(["command", "what it does"], rows),
            "",
            "## Options of every command",
            "",
            *_options(root),
            "",
            "```{toctree}",
            ":hidden:",
            *children,
            "```",
            "",
        ]
    )


def _page(name: str, command: click.Command) -> str:
    return "\n".join(_section(f"{ROOT} {name}", command, 1)) + "\n"


def _section(path: str, command: click.Command, level: int) -> Iterator[str]:
    yield from ["#" * min(level, 4) + f" {path}", "", _text(command), ""]
    children = dict(subcommands(command))
    if children:
        rows = [
            f"| [`{name}`](#{_anchor(f'{path} {name}')}) | {_first_line(each)} |" for name, each in children.items()
        ]
        yield from [*_table(["command", "what it does"], rows), ""]
    else:
        yield from ["```text", _usage(path, command), "```", ""]
    yield from _options(command)
    for name, each in children.items():
        yield ""
        yield from _section(f"{path} {name}", each, level + 1)


def _usage(path: str, command: click.Command) -> str:
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join([path, *pieces])


def _options(command: click.Command) -> list[str]:
    shown = [item for item in command.params if not getattr(item, "hidden", False) and item.name != "help"]
    if not shown:
        return []
    return _table(["option", "meaning"], [_row(item, click.Context(command)) for item in shown])


def _row(parameter: click.Parameter, context: click.Context) -> str:
    names = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
    label = " / ".join(f"`{name}`" for name in names) or f"`{parameter.make_metavar(context)}`"
    meaning = [_cell(getattr(parameter, "help", None) or "")]
    if isinstance(parameter.type, click.Choice):
        meaning.append("One of " + ", ".join(f"`{choice}`" for choice in parameter.type.choices) + ".")
    if parameter.required and parameter.param_type_name == "option":
        meaning.append("Required.")
    if parameter.multiple and "epeatable" not in meaning[0]:
        meaning.append("Repeatable.")
    default = parameter.default
    if isinstance(default, (int, float, str)) and not isinstance(default, bool) and default != "":
        meaning.append(f"Default: `{_cell(str(default))}`.")
    return f"| {label} | {' '.join(filter(None, meaning))} |"


def _table(titles: list[str], rows: list[str]) -> list[str]:
    return ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles), *rows]


def _text(command: click.Command) -> str:
    """Return the help as Markdown; click's mark for text that is not to be folded is dropped."""
    return (command.help or "").replace("\b\n", "").strip()


def _first_line(command: click.Command) -> str:
    return _cell(_text(command).partition("\n\n")[0])


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<").replace("\n", " ")
