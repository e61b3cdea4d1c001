"""The base of every wire model, and the value types that several nouns share."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class WireModel(BaseModel):
    """A JSON object on the wire. Unknown members are accepted, so that a newer client is never refused."""

    # Built at the first use, since importing has to be quick and no process uses them all.
    model_config = ConfigDict(extra="ignore", ser_json_timedelta="float", populate_by_name=True, defer_build=True)


class Changes(WireModel):
    """A body that must be there although none of its members must, as of a PATCH: members present are written."""


def as_utc(value: datetime) -> datetime:
    """Return `value` as an aware UTC time; a naive one is taken as UTC (behaviour.md, section 1).

    Errors: ValueError where the time in UTC lies outside the years 1 to 9999.
    """
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("The time in UTC must lie within the years 1 to 9999") from None


UtcTime: TypeAlias = Annotated[datetime, AfterValidator(as_utc)]
"""An aware UTC time; inputs with any offset, or none, are converted."""

Name: TypeAlias = Annotated[str, Field(pattern=r"^[^/%&><]+$")]
"""A non-empty name without any of ``/ % & > <``."""

KeyValueLabels: TypeAlias = dict[str, bool | int | float | str]

Json: TypeAlias = Any  # any JSON value: the wire does not restrict it
JsonObject: TypeAlias = dict[str, Any]  # any JSON object
