"""The bodies of error answers (behaviour.md, section 2)."""

from ostinato_wire.base import Json, JsonObject, WireModel


class Problem(WireModel):
    """One thing that is wrong with a request: where (`loc`), what (`msg`), of which kind (`type`)."""

    type: str
    loc: list[str | int]
    msg: str
    input: Json | None = None
    ctx: JsonObject | None = None


class InvalidRequest(WireModel):
    """Body of a 422 answer to a request that does not fit its schema."""

    exception_message: str = "Invalid request received."
    exception_detail: list[Problem]
    request_body: Json | None = None


class Detail(WireModel):
    """Body of an explicit refusal."""

    detail: str


class ExceptionMessage(WireModel):
    """Body of a failure found below the route."""

    exception_message: str
