"""What servers are told of block classes: the same as the reference tells, checksum included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ostinato.blocks.docstrings import description_in, example_in
from ostinato.blocks.registry import UnknownBlockType, class_of
from tests.support import sample_blocks

RECORDED: dict[str, Any] = json.loads(  # Any: JSON
    (Path(sample_blocks.__file__).parent / "recorded_blocks.json").read_text()
)
STOCK = {
    "custom-webhook", "discord-webhook", "local-file-system", "mattermost-webhook", "ms-teams-webhook",
    "opsgenie-webhook", "pager-duty-webhook", "remote-file-system", "secret", "sendgrid-email", "slack-webhook", "smb",
    "twilio-sms", "webhook",
}  # fmt: skip


@pytest.mark.parametrize("kind", sample_blocks.CLASSES)
def test_a_class_is_told_as_the_reference_tells_it(kind: Any) -> None:  # Any: block classes
    told = sample_blocks.described(kind)
    if kind.__module__ != "__main__":
        told["version"] = "non-versioned"
    assert json.loads(json.dumps(told)) == RECORDED[kind.__name__]


@pytest.mark.parametrize("slug", sorted(STOCK))
def test_stock_blocks_are_found_by_their_types(slug: str) -> None:
    assert class_of(slug).get_block_type_slug() == slug


def test_an_unknown_type_says_what_to_do() -> None:
    with pytest.raises(UnknownBlockType, match="Import the module that defines it"):
        class_of("nobody-knows")


def test_a_docstring_is_taken_apart() -> None:
    docstring = """First.

    Second: not a section.

    Args:
        a: one
    Examples:
        Look:
            indented
    """
    assert description_in(docstring) == "First.\n\nSecond: not a section."
    assert example_in(docstring) == "Look:\n    indented"
    assert description_in("Args:\n    a: one") is None
    assert example_in("Nothing.") is None
