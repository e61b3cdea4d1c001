"""`RunInput`: a model of what a run may be told, and the keys under which a server keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypedDict, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PrivateAttr, create_model

from ostinato.engine.drivers import adrive
from ostinato.input import storing
from ostinato.utilities.paired import run

if TYPE_CHECKING:
    from ostinato.engine.steps import Plan
    from ostinato.input.messages import InputReceiver
    from ostinato_wire.flow_runs import FlowRunInput

# Any below: values of users' types.

_SENDER = "prefect.flow-run."


class Keyset(TypedDict):
    """The keys of the schema, the description and the response of one question to people."""

    description: str
    response: str
    schema: str


def keyset_from_base_key(base_key: str) -> Keyset:
    """Return the keys of a question: `<base>-schema` and so on."""
    return Keyset(description=f"{base_key}-description", response=f"{base_key}-response", schema=f"{base_key}-schema")


class RunInputMetadata(BaseModel):
    """How an input came: its key, who sent it (`prefect.flow-run.<id>` for a run), and the run that it was sent to."""

    key: str
    sender: str | None = None
    receiver: UUID


class RunInput(BaseModel):
    """What a run may be told. Subclass it with fields; then pause for it, send it and receive it."""

    model_config = ConfigDict(extra="forbid")

    _description: ClassVar[str | None] = None
    _metadata: RunInputMetadata | None = PrivateAttr(None)

    @property
    def metadata(self) -> RunInputMetadata:
        """How this input came. Raises RuntimeError for one that was made here."""
        if self._metadata is None:
            raise RuntimeError("Only inputs that were received have metadata.")
        return self._metadata

    @classmethod
    def with_initial_data(cls, description: str | None = None, **defaults: Any) -> type[Self]:
        """Return the class with these defaults, which people see in the form, and a description in Markdown."""
        fields: dict[str, Any] = {
            name: (cls.model_fields[name].annotation if name in cls.model_fields else type(value), value)
            for name, value in defaults.items()
        }
        made = create_model(cls.__name__, __base__=cls, **fields)
        made._description = description if description is not None else cls._description
        return made

    @classmethod
    def of_input(cls, stored: FlowRunInput) -> Self:
        """Return the input that a server keeps."""
        made = cls.model_validate_json(stored.value)
        made._metadata = RunInputMetadata(key=stored.key, sender=stored.sender, receiver=stored.flow_run_id)
        return made

    def unwrapped(self) -> Any:
        """Return what a user's code gets: the input itself, or the value of an automatic one."""
        return self

    def respond(
        self, run_input: Any, sender: str | None = None, key_prefix: str | None = None, *, _sync: bool = False
    ) -> None:
        """Send an input back to the run that sent this one. Raises RuntimeError if no run did."""
        return run(self._answer(run_input, sender, key_prefix), sync=_sync)

    async def arespond(self, run_input: Any, sender: str | None = None, key_prefix: str | None = None) -> None:
        """Do as `respond`, in an event loop."""
        return await adrive(self._answer(run_input, sender, key_prefix))

    def _answer(self, run_input: Any, sender: str | None, key_prefix: str | None) -> Plan[None]:
        from ostinato.input.messages import send

        origin = self.metadata.sender
        if origin is None or not origin.startswith(_SENDER):
            raise RuntimeError("Only to inputs that a flow run sent can be responded.")
        yield from send(run_input, UUID(origin.removeprefix(_SENDER)), sender, key_prefix)

    def send_to(
        self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None, *, _sync: bool = False
    ) -> None:
        """Send this input to a run."""
        from ostinato.input.messages import send

        return run(send(self, flow_run_id, sender, key_prefix), sync=_sync)

    async def asend_to(self, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None) -> None:
        """Do as `send_to`, in an event loop."""
        from ostinato.input.messages import send

        return await adrive(send(self, flow_run_id, sender, key_prefix))

    @classmethod
    def receive(cls, **options: Any) -> InputReceiver:
        """Return an iterator of inputs of this class that come in: see `receive_input`."""
        from ostinato.input.messages import receive_input

        return receive_input(cls, **options)


class AutomaticRunInput(RunInput):
    """An input of any type, in the one field `value`."""

    value: Any

    def unwrapped(self) -> Any:
        """Return the value."""
        return self.value


def input_class(kind: Any) -> type[RunInput]:
    """Return the input class of a type: itself, one with a model's fields, or one whose `value` is of the type."""
    if isinstance(kind, type) and issubclass(kind, RunInput):
        return kind
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return cast("type[RunInput]", type(f"{kind.__name__}RunInput", (RunInput, kind), {"__module__": __name__}))
    hint = cast("Any", kind)
    name = getattr(hint, "__name__", None) or type(hint).__name__.lstrip("_")
    return create_model(f"{name}AutomaticRunInput", __base__=AutomaticRunInput, value=(hint, ...))


def key_prefix_of(kind: type[RunInput]) -> str:
    """Return how the keys of inputs of a class begin."""
    return f"{kind.__name__.lower()}-auto"


def ask(kind: type[RunInput], keys: Keyset, flow_run_id: UUID) -> Plan[None]:
    """Store the question: the form's schema, and its description if there is one."""
    yield from storing.create(keys["schema"], kind.model_json_schema(by_alias=True), flow_run_id)
    description: str | None = kind._description  # pyright: ignore[reportPrivateUsage] - of this module
    if description:
        yield from storing.create(keys["description"], description, flow_run_id)


def read_answer(kind: type[RunInput], keys: Keyset, flow_run_id: UUID) -> Plan[Any]:
    """Return the answer to a question; a server that keeps none was resumed without one, if all fields have defaults.

    Raises ValidationError if it does not fit the class.
    """
    from ostinato.exceptions import ObjectNotFound

    try:
        value = yield from storing.read(keys["response"], flow_run_id)
    except ObjectNotFound:
        value = {}
    return kind.model_validate(value).unwrapped()
