"""The page that says where each thing is proven: what it names is there, and no row is left without a word."""

import re

import pytest

from tests.support.server import ROOT

PAGE = (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| [A-Z]\d", line)]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_is_there(path: str, name: str):
    text = (ROOT / "tests" / path).read_text(encoding="utf-8")
    assert re.search(rf"^\s*(?:async )?def {name}\(", text, re.MULTILINE)


def test_a_row_has_a_test_or_a_reason():
    keys = [row[0].removeprefix("| ") for row in ROWS]
    assert len(keys) == len(set(keys))
    assert {key[0] for key in keys} == set("ABCDEFGHIJKLMNOPQRSTUVWXY")
    unproven = [row[0] for row in ROWS if not re.search(r"`[\w/]+\.py::\w+`|^Not", row[2])]
    assert unproven == []
