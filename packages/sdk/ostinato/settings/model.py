"""`Settings`: everything that can be set, as one immutable tree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, model_validator

from ostinato.settings.sections import (
    ApiSettings,
    ClientSettings,
    CliSettings,
    DeploymentsSettings,
    EventsSettings,
    FlowsSettings,
    JournalSettings,
    LoggingSettings,
    ResultsSettings,
    RunnerSettings,
    Section,
    ServerSettings,
    TasksSettings,
    TestingSettings,
    UiSettings,
    WorkerSettings,
)
from ostinato.settings.values import to_text

PREFIX = "OSTINATO_"
FALLBACK_PREFIX = "PREFECT_"


class Settings(Section):
    """All settings of the SDK and CLI. A member `api.url` is the environment variable `OSTINATO_API_URL`.

    Constructing it reads no source; `get_current_settings` gives the ones in force.
    """

    home: Path = Field(default=Path("~/.ostinato"), description="Folder of profiles, results and the local database.")
    profiles_path: Path = Field(default=Path("~/.ostinato/profiles.toml"), description="Profiles; default: in home.")
    debug_mode: bool = Field(default=False, description="Log at level DEBUG, the SDK's own loggers too.")
    api: ApiSettings = Field(default_factory=ApiSettings)
    client: ClientSettings = Field(default_factory=ClientSettings)
    ui: UiSettings = Field(default_factory=UiSettings)
    cli: CliSettings = Field(default_factory=CliSettings)
    flows: FlowsSettings = Field(default_factory=FlowsSettings)
    tasks: TasksSettings = Field(default_factory=TasksSettings)
    results: ResultsSettings = Field(default_factory=ResultsSettings)
    logging: LoggingSettings = Field(default_factory=LoggingSettings)
    runner: RunnerSettings = Field(default_factory=RunnerSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    deployments: DeploymentsSettings = Field(default_factory=DeploymentsSettings)
    events: EventsSettings = Field(default_factory=EventsSettings)
    journal: JournalSettings = Field(default_factory=JournalSettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    testing: TestingSettings = Field(default_factory=TestingSettings)

    @model_validator(mode="after")
    def _fill_derived(self) -> "Settings":
        """Fill members whose default depends on others; they stay "unset", so that children derive them anew."""
        _derive(self, home=self.home.expanduser())
        if "profiles_path" in self.model_fields_set:
            _derive(self, profiles_path=_path(self.profiles_path, self.home))
        else:
            _derive(self, profiles_path=self.home / "profiles.toml")
        if "config_path" not in self.logging.model_fields_set:
            _derive(self.logging, config_path=self.home / "logging.yml")
        if "local_storage_path" not in self.results.model_fields_set:
            _derive(self.results, local_storage_path=self.home / "storage")
        _derive(self.logging, config_path=_path(self.logging.config_path, self.home))
        _derive(self.results, local_storage_path=_path(self.results.local_storage_path, self.home))
        if self.ui.url is None and self.api.url is not None:
            _derive(self.ui, url=ui_url_of(self.api.url))
        if self.debug_mode:
            _derive(self.logging, level="DEBUG", internal_level="DEBUG")
        return self

    def to_environment_variables(self, exclude_unset: bool = True) -> dict[str, str]:
        """Return the settings as environment variables of a child process, secrets in clear.

        With `exclude_unset` only what was set explicitly, in any source; without, every setting that has a value.
        """
        return {
            PREFIX + "_".join(path).upper(): to_text(value)
            for path, value in _leaves(self, (), exclude_unset)
            if value is not None
        }


def _derive(section: Section, **values: Any) -> None:  # values of any field's type
    # Not by attribute: the model is frozen, and these must not count as set by someone.
    vars(section).update(values)


def _path(path: Path, home: Path) -> Path:
    """Return `path` with `~` and the home variables that older profile files use filled in."""
    text = str(path)
    for variable in ("$OSTINATO_HOME", "${OSTINATO_HOME}", "$PREFECT_HOME", "${PREFECT_HOME}"):
        text = text.replace(variable, str(home))
    return Path(text).expanduser()


def _leaves(section: BaseModel, path: tuple[str, ...], exclude_unset: bool) -> Iterator[tuple[tuple[str, ...], object]]:
    for name in type(section).model_fields:
        if exclude_unset and name not in section.model_fields_set:
            continue
        value: object = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name), exclude_unset)
        else:
            yield (*path, name), value


def ui_url_of(api_url: str) -> str:
    """Return the URL of the UI that belongs to an API: a final `/api` is dropped, `/api/` becomes `/`."""
    return api_url.removesuffix("/api") if api_url.endswith("/api") else api_url.replace("/api/", "/")
