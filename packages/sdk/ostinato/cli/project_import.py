"""`ostinato import`: take over what was written for others."""

from pathlib import Path
from typing import Annotated

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.deployments.project.file import FILE, FORMER_FILE, ProjectFileError
from ostinato.deployments.project.translating import translate

app = new_app("Take over what was written for others.")


@app.callback()
def group() -> None:
    """Take over what was written for others."""


@app.command("prefect-project")
def prefect_project(
    path: Annotated[Path, argument(help="The prefect.yaml, or the folder that it is in.")] = Path(),
    target: Annotated[
        Path | None, option("--to", help=f"File to write; default: {FILE} beside it; - prints it.")
    ] = None,
    force: Annotated[bool, option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Translate a prefect.yaml into an ostinato.yaml and tell what a person should look at. The old file stays."""
    source = path / FORMER_FILE if path.is_dir() else path
    if not source.is_file():
        output.fail(f"There is no file {str(source)!r}.")
    destination = target or source.with_name(FILE)
    to_stdout = str(destination) == "-"
    if destination.exists() and not force and not to_stdout:
        output.fail(f"There is a file {str(destination)!r} already: give --force to write over it, or --to FILE.")
    try:
        made = translate(source.read_text(encoding="utf-8"), source.parent)
    except (ProjectFileError, OSError, UnicodeDecodeError) as error:
        output.fail(f"{source}: {error}")
    if to_stdout:
        output.say(made.text.rstrip())
    else:
        destination.write_text(made.text, encoding="utf-8")
        output.succeed(f"Translated {source} into {destination}.")
        for change in made.changed:
            output.say(f"  {change}")
    if made.notes:
        output.warn("To be looked at:")
        for line in made.notes:
            output.warn(f"  {line}")
