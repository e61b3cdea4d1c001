"""Keeps the credentials of the API out of what is logged."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from pydantic import SecretStr

MASK = "********"
SHORTEST = 6
"""Characters; a shorter secret would mask ordinary words, and protects nothing."""


def mask(text: str) -> str:
    """Return `text` with the API key and the auth string in force, also in its encoded form, replaced by asterisks."""
    api = get_current_settings().api
    for secret in _secrets(api.key, api.auth_string):
        if secret in text:
            text = text.replace(secret, MASK)
    return text


@lru_cache(maxsize=8)
def _secrets(key: SecretStr | None, auth_string: SecretStr | None) -> tuple[str, ...]:
    texts: list[str] = []
    if key is not None:
        texts.append(key.get_secret_value())
    if auth_string is not None:
        plain = auth_string.get_secret_value()
        texts += [plain, b64encode(plain.encode()).decode(), plain.partition(":")[2]]
    return tuple(text for text in texts if len(text) >= SHORTEST)
