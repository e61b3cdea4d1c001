"""`ostinato config`: show, change and check settings."""

import re
from difflib import get_close_matches
from typing import Annotated

from ostinato.cli import completing, output
from ostinato.cli.lazy import did_you_mean, new_app
from ostinato.cli.params import argument, option
from ostinato.settings.catalogue import BOOTSTRAP, Setting, all_settings, find_setting
from ostinato.settings.current import load_settings, process_sources
from ostinato.settings.model import FALLBACK_PREFIX, PREFIX
from ostinato.settings.profiles import Profile
from ostinato.settings.sources import PROFILE_VARIABLES, Sources
from ostinato.settings.values import to_text

_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]*@")

app = new_app("Show and change settings.")

MASK = "********"


def without_password(text: str) -> str:
    """Return the text with the password of an URL in it masked."""
    return _PASSWORD.sub(rf"\1:{MASK}@", text)


@app.command("set")
def set_values(
    assignments: Annotated[
        list[str], argument(metavar="VAR=VAL", help="What to set.", autocompletion=completing.settings)
    ],
) -> None:
    """Change settings in the current profile. Nothing is changed if any of them is wrong."""
    sources = process_sources()
    changes = [_parse(assignment) for assignment in assignments]
    profile = sources.profiles.get(sources.profile.name)
    for setting, value in changes:
        _put(profile, setting, value)
    _save(sources, profile)
    for setting, value in changes:
        output.say(f"Set {setting.name!r} to {_shown(setting, value)!r}.")
        _note_environment(sources, setting)
    output.succeed(f"Updated profile {profile.name!r}.")


def _put(profile: Profile, setting: Setting, value: str) -> None:
    for name in setting.accepted:
        profile.values.pop(name, None)
    profile.values[setting.name] = value


def save_setting(path: str, value: str) -> None:
    """Set one setting, as `deployments.default_work_pool_name`, in the current profile."""
    sources = process_sources()
    setting = next(item for item in all_settings().values() if ".".join(item.path) == path)
    profile = sources.profiles.get(sources.profile.name)
    _put(profile, setting, value)
    _save(sources, profile)
    _note_environment(sources, setting)


@app.command()
def unset(
    names: Annotated[
        list[str],
        argument(metavar="VAR", help="Settings to remove from the profile.", autocompletion=completing.settings),
    ],
    yes: Annotated[bool, option("-y", "--yes", help="Do not ask.")] = False,
) -> None:
    """Remove settings from the current profile."""
    sources = process_sources()
    profile = sources.profiles.get(sources.profile.name)
    settings = [_known(name) for name in names]
    for setting in settings:
        if not any(name in profile.values for name in setting.accepted):
            output.fail(f"{setting.name!r} is not set in profile {profile.name!r}.")
    if not yes:
        output.confirm(f"Unset {', '.join(setting.name for setting in settings)} in profile {profile.name!r}?")
    for setting in settings:
        for name in setting.accepted:
            profile.values.pop(name, None)
    _save(sources, profile)
    for setting in settings:
        output.say(f"Unset {setting.name!r}.")
        _note_environment(sources, setting)
    output.succeed(f"Updated profile {profile.name!r}.")


@app.command()
def validate() -> None:
    """Check every origin of settings, and write the current profile anew with today's names."""
    sources = process_sources()
    problems = [problem for setting in all_settings().values() if (problem := _problem(sources, setting))]
    if problems:
        output.fail("\n".join(problems))
    load_settings(sources)
    for unknown in _unknown_names(sources):
        output.warn(unknown)
    saved = sources.profiles.saved.get(sources.profile.name)
    if saved is not None:
        saved.values = {_name_today(name): value for name, value in saved.values.items()}
        sources.profiles.save()
    output.succeed("Configuration valid!")


@app.command()
def view(
    show_defaults: Annotated[
        bool, option("--show-defaults/--hide-defaults", help="List settings that nothing sets, too.")
    ] = False,
    show_sources: Annotated[
        bool, option("--show-sources/--hide-sources", help="Tell where each value comes from.")
    ] = True,
    show_secrets: Annotated[bool, option("--show-secrets/--hide-secrets", help="Show secrets in clear.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show the settings in force and where they come from."""
    sources = process_sources()
    found = sorted(_found(sources, show_defaults), key=lambda item: item[0].name)
    shown = [(item, text if show_secrets else _shown(item, text), origin) for item, text, origin in found]
    ui_url = output.settings_or_defaults().ui.url
    if as_json:
        _print_json(sources, shown, show_sources, ui_url)
        return
    if ui_url:
        output.say(f"🚀 you are connected to:\n{without_password(ui_url)}")
    output.say(f"OSTINATO_PROFILE={sources.profile.name!r}", "bold blue")
    for setting, text, origin in shown:
        output.say(f"{setting.name}={text!r}" + (f" (from {origin})" if show_sources else ""))


def _print_json(
    sources: Sources, shown: list[tuple[Setting, str, str]], show_sources: bool, ui_url: str | None
) -> None:
    settings = [
        {"name": setting.name, "value": text} | ({"source": origin} if show_sources else {})
        for setting, text, origin in shown
    ]
    document: dict[str, object] = {"profile": sources.profile.name, "settings": settings}
    output.print_json(document | ({"ui_url": without_password(ui_url)} if ui_url else {}))


def _found(sources: Sources, with_defaults: bool) -> list[tuple[Setting, str, str]]:
    """Return each setting with its value as text and the label of its origin."""
    items: list[tuple[Setting, str, str]] = []
    for setting in all_settings().values():
        found = sources.find(setting)
        if found is not None:
            items.append((setting, to_text(found[0]), found[1]))
        elif with_defaults:
            items.append((setting, str(_default(setting)), "defaults"))
    return items


def _default(setting: Setting) -> object:
    """Return the default as it comes out with everything else in force, e.g. paths below home."""
    if not setting.path:
        return setting.default
    value: object = output.settings_or_defaults()
    for step in setting.path:
        value = getattr(value, step)
    return value


def _shown(setting: Setting, text: str) -> str:
    return MASK if setting.secret else without_password(text)


def _parse(assignment: str) -> tuple[Setting, str]:
    name, equals, value = assignment.partition("=")
    if not equals:
        output.fail(f"Failed to parse argument {assignment!r}. Use the format 'VAR=VAL'.")
    setting = _known(name.strip())
    if setting.name in BOOTSTRAP:
        output.fail(f"{setting.name!r} cannot be kept in a profile. Set the environment variable instead.")
    if not value:
        output.fail(f"No value given for {setting.name!r}. To remove it: ostinato config unset {setting.name}")
    try:
        setting.check(value)
    except ValueError as error:
        output.fail(f"Validation error(s) for setting {setting.name}\n\n   - {error}")
    return setting, value


def _known(name: str) -> Setting:
    setting = find_setting(name)
    if setting is None:
        close = get_close_matches(name.upper(), all_settings())
        output.fail(f"Unknown setting name {name!r}.{did_you_mean(close)}")
    return setting


def _save(sources: Sources, profile: Profile) -> None:
    sources.profiles.add(profile)
    sources.profiles.active = sources.profiles.active or profile.name
    sources.profiles.save()


def _note_environment(sources: Sources, setting: Setting) -> None:
    environment = next(source for source in sources.stack if source.label == "env")
    name = next((name for name in setting.accepted if environment.values.get(name)), None)
    if name:
        output.warn(f"The environment variable {name} outranks the profile. To be rid of it: unset {name}")


def _problem(sources: Sources, setting: Setting) -> str | None:
    found = sources.find(setting)
    if found is None or not isinstance(found[0], str):
        return None
    try:
        setting.check(found[0])
    except ValueError as error:
        return f"{setting.name} (from {found[1]}): {error}"
    return None


def _name_today(name: str) -> str:
    setting = find_setting(name)
    return setting.name if setting else name


def _unknown_names(sources: Sources) -> list[str]:
    """Return a sentence for each name in a profile, file or the environment that is no setting."""
    by_origin = {
        source.label: sources.toml_names.get(source.label, frozenset(source.values)) for source in sources.stack
    }
    return [
        f"{name} (from {label}) is not a setting; it is ignored."
        for label, names in by_origin.items()
        for name in sorted(names)
        if _looks_like_ours(label, name) and not _is_known(name)
    ]


def _looks_like_ours(label: str, name: str) -> bool:
    # The environment may hold names of the other client and of running engines (`PREFECT__...`): none of our business.
    return name.startswith(PREFIX) or (label == "profile" and name.startswith(FALLBACK_PREFIX))


def _is_known(name: str) -> bool:
    mappings = [item.name for item in all_settings().values() if "dict" in str(item.field.annotation)]
    return (
        name in PROFILE_VARIABLES or find_setting(name) is not None or name.startswith(tuple(f"{m}_" for m in mappings))
    )
