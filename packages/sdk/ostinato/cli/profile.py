"""`ostinato profile`: keep several sets of settings and switch between them."""

import os
import shutil
from typing import Annotated

import typer

from ostinato.cli import completing, output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.settings.current import process_sources, reread_sources
from ostinato.settings.profiles import BUILT_IN, Profile, Profiles
from ostinato.settings.sources import PROFILE_VARIABLES

app = new_app("Keep several sets of settings and switch between them.")

Name = Annotated[str, argument(help="Name of the profile.", autocompletion=completing.profiles)]


@app.command("ls")
def list_profiles(as_json: output.OutputOption = None) -> None:
    """List the saved profiles."""
    sources = process_sources()
    current = sources.profile.name
    names = sorted(sources.profiles.saved)
    if as_json:
        output.print_json([{"name": name, "active": name == current} for name in names])
        return
    rows = [[f"[green]* {output.plain(name)}[/]" if name == current else f"  {output.plain(name)}"] for name in names]
    output.print_table("Profiles", ["Name"], rows)
    output.say("* active profile")


@app.command()
def create(
    name: Name,
    from_name: Annotated[str | None, option("--from", help="Copy the values of this profile.")] = None,
) -> None:
    """Create a profile."""
    profiles = process_sources().profiles
    if name in profiles.saved:
        output.fail(f"Profile {name!r} already exists. To create it anew, first: ostinato profile delete {name!r}")
    values = dict(profiles.get(from_name).values) if from_name else {}
    profiles.add(Profile(name, values))
    profiles.save()
    output.succeed(f"Created profile {name!r}" + (f" with the values of {from_name!r}." if from_name else "."))
    output.say(f"\nUse it from now on:\n    ostinato profile use {name!r}")
    output.say(f"\nUse it for one command:\n    ostinato -p {name!r} config view")


@app.command()
def use(name: Name) -> None:
    """Make a profile the active one and see whether its server answers."""
    profiles = process_sources().profiles
    profiles.get(name)
    profiles.active = name
    profiles.save()
    _note_environment(name)
    from ostinato.cli.connection import check  # late: needs the HTTP client

    reread_sources(name)
    check(name)


@app.command()
def delete(name: Name) -> None:
    """Delete a profile that is not the active one."""
    sources = process_sources()
    if name == sources.profile.name or name == sources.profiles.active:
        output.fail(f"Profile {name!r} is active and cannot be deleted. First: ostinato profile use ANOTHER")
    if name not in sources.profiles.saved:
        output.fail(f"Unknown profile {name!r}.")
    output.confirm(f"Delete profile {name!r}?")
    del sources.profiles.saved[name]
    sources.profiles.save()
    output.succeed(f"Removed profile {name!r}.")


@app.command()
def rename(name: Name, new_name: Annotated[str, argument(help="Its new name.")]) -> None:
    """Rename a profile; an active one stays active."""
    profiles = process_sources().profiles
    if name not in profiles.saved:
        output.fail(f"Unknown profile {name!r}.")
    if new_name in profiles.saved:
        output.fail(f"Profile {new_name!r} already exists.")
    profiles.add(Profile(new_name, profiles.saved.pop(name).values))
    if profiles.active == name:
        profiles.active = new_name
    profiles.save()
    output.succeed(f"Renamed profile {name!r} to {new_name!r}.")
    for variable in PROFILE_VARIABLES:
        if os.environ.get(variable) == name:
            output.warn(f"The environment variable {variable} still names {name!r}.")


@app.command()
def inspect(
    name: Annotated[
        str | None, argument(help="Name of the profile; default: the active one.", autocompletion=completing.profiles)
    ] = None,
    as_json: output.OutputOption = None,
) -> None:
    """Show the values of a profile, secrets in clear."""
    sources = process_sources()
    if name is None:
        name = sources.profile.name
        if not as_json:
            output.warn(f"No name provided, defaulting to {name!r}.")
    values = sources.profiles.get(name).values
    if as_json:
        output.print_json(values)
    elif not values:
        output.say(f"Profile {name!r} is empty.")
    for key, value in values.items() if not as_json else ():
        output.say(f"{key}={value!r}")


@app.command("populate-defaults")
def populate_defaults() -> None:
    """Save the built-in profiles that the file of profiles lacks."""
    profiles = process_sources().profiles
    missing = [name for name in BUILT_IN if name not in profiles.saved]
    if not missing:
        output.succeed("All built-in profiles are saved already.")
        return
    output.say("Proposed Changes:")
    for name in missing:
        output.say(f"  • Add {name!r}")
    if output.is_interactive():
        _offer_backup(profiles)
        output.confirm(f"Update {profiles.path}?")
    for name in missing:
        profiles.add(profiles.get(name))
    profiles.active = profiles.active or process_sources().profile.name
    profiles.save()
    output.succeed(f"Profiles updated in {profiles.path}")


def _offer_backup(profiles: Profiles) -> None:
    backup = profiles.path.with_name(profiles.path.name + ".bak")
    if profiles.path.exists() and typer.confirm(f"Back up to {backup}?", default=False):
        shutil.copy2(profiles.path, backup)
        output.say(f"Backed up to {backup}")


def _note_environment(name: str) -> None:
    for variable in PROFILE_VARIABLES:
        if os.environ.get(variable, name) != name:
            output.warn(f"The environment variable {variable} names another profile and outranks this choice.")
