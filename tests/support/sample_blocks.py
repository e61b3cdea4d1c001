"""Block classes of the tests. With `SDK=prefect` in the environment they are the reference's: see `recorded_blocks`.

Their schemas, checksums and other words are in `recorded_blocks.json`, as the reference computed them:
`SDK=prefect .venv-reference/bin/python -P tests/support/sample_blocks.py > tests/support/recorded_blocks.json`.
"""

# ruff: noqa: RUF012 - pydantic copies defaults

import datetime
import enum
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, SecretBytes, SecretStr

if TYPE_CHECKING or os.environ.get("SDK") != "prefect":
    from ostinato.blocks.abstract import CredentialsBlock, NotificationBlock
    from ostinato.blocks.core import Block
    from ostinato.blocks.fields import SecretDict
else:
    from prefect.blocks.abstract import CredentialsBlock, NotificationBlock
    from prefect.blocks.core import Block
    from prefect.blocks.fields import SecretDict


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    """A point."""

    x: int
    y: float | None = None


class Login(BaseModel):
    user: str
    password: SecretStr
    extra: SecretDict = Field(default_factory=dict)  # pyright: ignore


class Plain(Block):
    """One line.

    More text here.

    Attributes:
        a: the a

    Example:
        Do this:
        ```python
        Plain.load("x")
        ```
    """

    a: int
    b: str = "x"
    c: int | None = None


class NoDoc(Block):
    z: list[int] = Field(default_factory=list[int], title="Zed", description="d")
    when: datetime.datetime = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    td: datetime.timedelta = datetime.timedelta(seconds=3)
    color: Color = Color.RED
    lit: Literal["a", "b"] = "a"
    any_: Any = None
    p: Point
    ps: list[Point] = []
    maps: list[dict[str, int]] = []


class Described(Block):
    """Docstring of it."""

    _block_type_name = "My Described Block"
    _block_type_slug = "described-x"
    _description = "Own description"
    _logo_url = "https://example.com/logo.png"
    _documentation_url = "https://example.com/doc"
    _code_example = "some example"
    _block_schema_capabilities = ["fly"]
    a: int = 1


class Secrets(Block):
    s: SecretStr
    o: SecretStr | None = None
    b: SecretBytes = SecretBytes(b"q")
    d: SecretDict = Field(default_factory=dict)  # pyright: ignore
    od: SecretDict | None = None
    each: list[SecretStr] = []
    m: dict[str, SecretStr] = {}
    login: Login
    ologin: Login | None = None
    logins: list[Login] = []


class Nested(Block):
    plain: Plain
    n: int = 1


class NestedMany(Block):
    opt: Plain | None = None
    uni: Plain | Described
    lst: list[Secrets] = []
    dct: dict[str, Plain] = {}
    sec: Secrets
    new: "Plain | None" = None


class Deep(Block):
    nested: Nested
    sec: Secrets


class Credentials(CredentialsBlock):
    token: SecretStr

    def get_client(self, *args: Any, **kwargs: Any) -> int:
        return 1


class Note(NotificationBlock):
    def notify(self, body: str, subject: str | None = None) -> None: ...


class Aliased(Block):
    """Doc only first.
    Second line of the same.

    Args:
        x: hello
    Returns:
        nothing
    """

    x: int = Field(1, alias="ex")


class HTTPServer2Config(Block):
    """a"""

    v: int = 0


class snake_case_block(Block):  # noqa: N801 - its name is what is tested
    v: int = 0


CLASSES = [
    Plain, NoDoc, Described, Secrets, Nested, NestedMany, Deep, Credentials, Note, Aliased, HTTPServer2Config,
    snake_case_block,
]  # fmt: skip


def described(kind: Any) -> dict[str, Any]:
    """Return all that a server is told of a class."""
    checksum = kind.schema_checksum if hasattr(kind, "schema_checksum") else kind._calculate_schema_checksum
    return {
        "fields": kind.model_json_schema(),
        "checksum": checksum(),
        "slug": kind.get_block_type_slug(),
        "name": kind.get_block_type_name(),
        "capabilities": sorted(kind.get_block_capabilities()),
        "description": kind.get_description(),
        "code_example": kind.get_code_example().replace(kind.__module__, "MODULE"),
        "version": kind.get_block_schema_version(),
    }


def sample_secrets() -> Secrets:
    """Return a block with a secret in every place."""
    login = {"user": "u", "password": "inner", "extra": {"q": 1}}
    values = {"s": "outer", "o": "more", "b": b"bytes", "d": {"k": "v"}, "each": ["one"], "m": {"k": "w"}}
    return Secrets.model_validate({**values, "login": login, "logins": [login]})


if __name__ == "__main__":
    json.dump({kind.__name__: described(kind) for kind in CLASSES}, sys.stdout, indent=1, sort_keys=True)
