"""The names of `ostinato.slas`, where flows of the reference import them from."""

from ostinato.slas import (
    FrequencySla,
    LatenessSla,
    ServiceLevelAgreement,
    SlaMergeResponse,
    SlaTypes,
    TimeToCompletionSla,
)

__all__ = [
    "FrequencySla",
    "LatenessSla",
    "ServiceLevelAgreement",
    "SlaMergeResponse",
    "SlaTypes",
    "TimeToCompletionSla",
]
