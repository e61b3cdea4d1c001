"""`ostinato init`: begin a project."""

from pathlib import Path
from typing import Annotated

from ostinato.cli import asking, output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.deployments.project.file import FILE, FORMER_FILE
from ostinato.deployments.project.recipes import (
    IGNORE_FILE,
    IGNORED,
    PLACE_HOLDER,
    RECIPES,
    default_recipe,
    missing_fields,
    project_file,
)

app = new_app("Begin a project in this folder.")


@app.command()
def init(
    name: Annotated[str | None, option("--name", help="Name of the project; default: that of the folder.")] = None,
    recipe: Annotated[
        str | None, option("--recipe", help=f"How code gets to its runs: {', '.join(RECIPES)}; default: what suits.")
    ] = None,
    field: Annotated[
        list[str] | None, option("-f", "--field", help="Value of the recipe as name=value; repeatable.")
    ] = None,
) -> None:
    """Write a project file and a list of files to leave out into this folder; what is there already stays."""
    folder = Path.cwd()
    fields = _fields(field or [])
    if recipe is not None and recipe not in RECIPES:
        output.fail(f"There is no recipe {recipe!r}. Choose from: {', '.join(RECIPES)}.")
    existing = next((found for found in (FILE, FORMER_FILE) if (folder / found).exists()), None)
    if existing is None:
        recipe = recipe or _chosen(folder)
        _complete(recipe, fields)
    new: list[str] = []
    if existing is None and recipe is not None:
        (folder / FILE).write_text(project_file(folder, name or folder.name, recipe, fields), encoding="utf-8")
        new.append(FILE)
    if not any((folder / found).exists() for found in (IGNORE_FILE, ".prefectignore")):
        (folder / IGNORE_FILE).write_text(IGNORED, encoding="utf-8")
        new.append(IGNORE_FILE)
    if existing is not None:
        output.warn(f"There is a {existing} already; it stays as it is.")
    if not new:
        output.say("Nothing was missing.")
        return
    output.succeed(
        f"Project {name or folder.name!r} begun in {folder}" + (f" by the recipe {recipe}." if recipe else ".")
    )
    output.say("\n".join(f"  new: {file}" for file in new))
    if FILE in new:
        output.say(f"Next: say in {FILE} what is deployed, or let `ostinato deploy path.py:flow` ask.")


def _fields(given: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            output.fail(f"--field takes `name=value`, got {text!r}.")
        fields[name] = value
    return fields


def _chosen(folder: Path) -> str:
    suits = default_recipe(folder)
    if not output.is_interactive():
        return suits
    names = [suits, *(name for name in RECIPES if name != suits)]
    rows = [(name, (name, RECIPES[name].summary)) for name in names]
    return asking.choose("How does code get to its runs?", ["Recipe", "What it does"], rows)


def _complete(recipe: str, fields: dict[str, str]) -> None:
    """Ask for what the recipe needs; where nobody can be asked it stays to be filled in."""
    missing = missing_fields(recipe, fields)
    if not output.is_interactive():
        if missing:
            texts = ", ".join(f"{name} ({meaning})" for name, meaning in missing)
            output.warn(f"To be filled in, where {FILE} has {PLACE_HOLDER.format('...')}: {texts}.")
        return
    for name, meaning in missing:
        fields[name] = asking.text(meaning)
