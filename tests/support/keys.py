"""Encryption keys for tests."""

import base64
import os


def new_key() -> str:
    """Return a key as a setting has it."""
    return base64.b64encode(os.urandom(32)).decode()
