"""A ring of keys by which stored secrets are sealed and opened: AES-256-GCM, bound to the place of the secret.

A key's id is derived from the key, so that a ring without the right key is noticed, whatever it was called.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ostinato_core.errors import Fact, Kind

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
MAKE_A_KEY: Final = "make one with `openssl rand -base64 32`"


class EncryptionFailed(Fact):
    """Base of what can be wrong with keys. No message holds a key or a secret."""

    kind = Kind.UNAVAILABLE
    key = "exception_message"


class BadEncryptionKey(EncryptionFailed):
    """A key is not 32 bytes in base64."""


class EncryptionKeyMissing(EncryptionFailed):
    """A secret was sealed with a key that is not in the ring."""

    def __init__(self, key_id: str, held: Sequence[str]) -> None:
        super().__init__(
            f"The database holds secrets that were encrypted with the key {key_id}, but this server was given "
            f"{' and '.join(held)}: add that key to OSTINATO_ENCRYPTION_KEY or to its key file."
        )
        self.key_id = key_id


class SealBroken(EncryptionFailed):
    """What is stored was not sealed here, or is damaged."""

    def __init__(self) -> None:
        super().__init__("A stored secret is damaged or was moved to another place: restore it from a backup.")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed secret as it is stored: text, and the id of the key that opens it."""

    text: str
    key_id: str


class KeyRing:
    """Keys by id; the first seals."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Errors: BadEncryptionKey for a key of another length, or none at all."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise BadEncryptionKey(f"An encryption key is not {KEY_BYTES} bytes in base64: {MAKE_A_KEY}.")
        self._keys = {key_id(key): key for key in keys}
        self.ids = tuple(self._keys)
        self.primary = self.ids[0]

    def __repr__(self) -> str:
        """Show ids only."""
        return f"KeyRing({', '.join(self.ids)})"

    def seal(self, secret: bytes, place: bytes) -> Sealed:
        """Encrypt a secret, so that it can be opened only as that of the same `place`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + _cipher(self._keys[self.primary]).encrypt(nonce, secret, place)
        return Sealed(base64.b64encode(sealed).decode(), self.primary)

    def open(self, sealed: Sealed, place: bytes) -> bytes:
        """Decrypt. Errors: EncryptionKeyMissing, SealBroken."""
        from cryptography.exceptions import InvalidTag

        key = self._keys.get(sealed.key_id)
        if key is None:
            raise EncryptionKeyMissing(sealed.key_id, self.ids)
        try:
            stored = base64.b64decode(sealed.text, validate=True)
            return _cipher(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], place)
        except (binascii.Error, InvalidTag, ValueError):
            raise SealBroken from None


def _cipher(key: bytes) -> "AESGCM":
    # Only here: the library takes 7 MB, and many servers never seal or open anything.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def key_id(key: bytes) -> str:
    """Return the id of a key: 16 hexadecimal digits that do not tell the key."""
    return hashlib.sha256(b"ostinato encryption key id\0" + key).hexdigest()[:16]


def parse_keys(text: str, source: str) -> KeyRing:
    """Return the ring of keys in base64, separated by commas or lines; `#` begins a comment.

    Errors: BadEncryptionKey, naming `source` and which of the keys.
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    words = [word.strip() for line in lines for word in line.split(",") if word.strip()]
    keys = [_decode(word, f"Key {number} of {len(words)} in {source}") for number, word in enumerate(words, 1)]
    if not keys:
        raise BadEncryptionKey(f"{source} holds no key: {MAKE_A_KEY}.")
    return KeyRing(keys)


def _decode(word: str, name: str) -> bytes:
    try:
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadEncryptionKey(f"{name} is not {KEY_BYTES} bytes in base64: {MAKE_A_KEY}.")
    return key
