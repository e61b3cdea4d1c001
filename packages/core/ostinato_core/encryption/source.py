"""Where the keys come from: the environment, a file that it names, or the file of the one process."""

import base64
import contextlib
import os
from pathlib import Path

from ostinato_core.encryption.key_ring import (
    KEY_BYTES,
    MAKE_A_KEY,
    BadEncryptionKey,
    EncryptionFailed,
    KeyRing,
    parse_keys,
)
from ostinato_core.settings import ServerSettings

KEY_FILE = "encryption.key"
"""The key file of the one process, in its home."""


class NoEncryptionKey(EncryptionFailed):
    """There is no key to be found."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no encryption key: set OSTINATO_ENCRYPTION_KEY or OSTINATO_ENCRYPTION_KEY_FILE ({MAKE_A_KEY})."
        )


def load_key_ring(settings: ServerSettings) -> KeyRing:
    """Return the keys of the settings. Errors: NoEncryptionKey; BadEncryptionKey, naming where the bad one stands."""
    if settings.encryption_key is not None:
        return parse_keys(settings.encryption_key.get_secret_value(), "OSTINATO_ENCRYPTION_KEY")
    path = settings.encryption_key_file or settings.home / KEY_FILE
    try:
        return parse_keys(path.expanduser().read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        if settings.encryption_key_file is None:
            raise NoEncryptionKey from None
        raise BadEncryptionKey(f"The key file {path} does not exist: {MAKE_A_KEY} and put it there.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadEncryptionKey(f"The key file {path} cannot be read ({type(error).__name__}): look at it.") from None


def ensure_key_file(settings: ServerSettings) -> None:
    """Make the key file of the one process, mode 0600, unless the settings name keys or it is there.

    Errors: BadEncryptionKey where it cannot be written.
    """
    path = settings.home / KEY_FILE
    if settings.encryption_key is not None or settings.encryption_key_file is not None or path.exists():
        return
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    except OSError as error:
        raise BadEncryptionKey(
            f"The key file {path} cannot be made ({error.strerror}): set OSTINATO_HOME to a folder that you may write "
            f"to, or OSTINATO_ENCRYPTION_KEY ({MAKE_A_KEY})."
        ) from None


def _write_new(path: Path, content: bytes) -> None:
    """Make a file with its whole content at once; leave the one that another process made meanwhile."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
