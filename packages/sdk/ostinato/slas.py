"""Service level agreements, for `flow.deploy(_sla=[LatenessSla(name="punctual", within=timedelta(minutes=10))])`.

One that is not kept makes the event `prefect.sla.violation`, which automations may answer to.
"""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from ostinato_wire.slas import (
    FrequencySla,
    LatenessSla,
    ServiceLevelAgreement,
    SlaMergeResponse,
    SlaSeverity,
    SlaTypes,
    TimeToCompletionSla,
)

__all__ = [
    "FrequencySla",
    "LatenessSla",
    "ServiceLevelAgreement",
    "SlaMergeResponse",
    "SlaSeverity",
    "SlaTypes",
    "TimeToCompletionSla",
]


def slas_of(given: object) -> list[SlaTypes]:
    """Return agreements given as one or a list of models or mappings. Raises ValueError that names what is wrong."""
    items = cast("list[object]", [*given] if isinstance(given, (list, tuple)) else [given])
    plain = [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in items]
    try:
        return TypeAdapter(list[SlaTypes]).validate_python(plain)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ValueError(f"The SLAs are not valid: {problems}") from None
