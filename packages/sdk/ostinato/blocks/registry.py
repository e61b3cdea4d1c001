"""Which class stands for which type of block: those that were imported, and those of this package."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ostinato.exceptions import OstinatoError

if TYPE_CHECKING:
    from ostinato.blocks.core import Block

_HOMES = {
    "secret": "ostinato.blocks.system",
    "webhook": "ostinato.blocks.webhook",
    "local-file-system": "ostinato.filesystems",
    "remote-file-system": "ostinato.filesystems",
    "smb": "ostinato.filesystems",
    "custom-webhook": "ostinato.blocks.notifications",
    "discord-webhook": "ostinato.blocks.notifications",
    "mattermost-webhook": "ostinato.blocks.notifications",
    "ms-teams-webhook": "ostinato.blocks.notifications",
    "opsgenie-webhook": "ostinato.blocks.notifications",
    "pager-duty-webhook": "ostinato.blocks.notifications",
    "sendgrid-email": "ostinato.blocks.notifications",
    "slack-webhook": "ostinato.blocks.notifications",
    "twilio-sms": "ostinato.blocks.notifications",
}
"""Modules of the classes that come with the SDK; they are imported when a block of theirs is loaded."""

_classes: dict[str, type[Block]] = {}


class UnknownBlockType(ValueError, OstinatoError):
    """No class is known for the type of a block that was loaded."""


def register(block: type[Block]) -> None:
    """Make a class the one for its type; the latest counts."""
    _classes[block.get_block_type_slug()] = block


def class_of(slug: str) -> type[Block]:
    """Return the class of a type of blocks. Raises UnknownBlockType."""
    if slug not in _classes and slug in _HOMES:
        import_module(_HOMES[slug])
    try:
        return _classes[slug]
    except KeyError:
        raise UnknownBlockType(
            f"No class is known for blocks of type {slug!r}. Import the module that defines it first."
        ) from None


def has_class(slug: str) -> bool:
    """Whether `class_of` knows a type."""
    return slug in _classes or slug in _HOMES
