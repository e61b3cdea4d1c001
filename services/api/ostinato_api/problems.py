"""Requests that do not fit their schema, and how that is told (behaviour.md, section 2)."""

from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails


class InvalidRequest(Exception):
    """The request does not fit: `problems` as in the answer, `body` as it was sent."""

    def __init__(self, problems: list[dict[str, Any]], body: bytes = b"") -> None:  # Any: parts of JSON
        super().__init__("Invalid request received.")
        self.problems = problems
        self.body = body

    def content(self) -> dict[str, Any]:  # Any: JSON
        """Return the body of the answer."""
        return {
            "exception_message": "Invalid request received.",
            "exception_detail": self.problems,
            "request_body": _readable(self.body),
        }


def missing(where: str, *loc: str | int) -> InvalidRequest:
    """Return the error of an absent body, or of an absent member of the query."""
    return InvalidRequest([{"type": "missing", "loc": [where, *loc], "msg": "Field required", "input": None}])


def from_validation(error: ValidationError, where: str, body: bytes = b"", *, shown: bool = True) -> InvalidRequest:
    """Return the error that pydantic found in the `body`, `query` or `path`; unless `shown`, without what was sent."""
    problems = [_problem(found, where) for found in error.errors(include_url=False)]
    if not shown:
        problems = [{name: problem[name] for name in ("type", "loc", "msg")} | {"input": None} for problem in problems]
    return InvalidRequest(problems, body)


def _problem(found: ErrorDetails, where: str) -> dict[str, Any]:  # Any: JSON
    loc: Sequence[str | int] = (where, *found["loc"])
    problem: dict[str, Any] = {"type": found["type"], "loc": list(loc), "msg": found["msg"]}
    problem["input"] = _shown(found["input"])
    if context := found.get("ctx"):
        problem["ctx"] = {key: _shown(value) for key, value in context.items()}
    return problem


def _shown(value: Any) -> Any:  # Any: whatever pydantic was given, and JSON
    """Return what JSON can hold of a value: itself, or its text where it is none, as an integer of 100 digits is."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    try:
        orjson.dumps(value)
    except TypeError:
        return str(value)
    return value


def _readable(body: bytes) -> Any:  # Any: JSON
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
