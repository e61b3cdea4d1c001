"""How docstrings, prose with a little Markdown, become what autodoc reads."""

import sys

import pytest

from tests.support.server import ROOT

sys.path.insert(0, str(ROOT / "docs"))

from generators.docstrings import converted  # noqa: E402 - found by the path above


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("Return `x` of *args.", r"Return ``x`` of \*args."),
        ("name_ and |bar|", r"name\_ and \|bar\|"),
        ("many `x`s", "many ``x``\\ s"),
        ("snake_case", "snake_case"),
        ("``kept``", "``kept``"),
        ("`a*b_c`", "``a*b_c``"),
    ],
)
def test_a_line_shows_what_it_says(line: str, made: str):
    assert converted([line]) == [made]


def test_code_between_fences_becomes_a_block():
    assert converted(["Words", "```python", "a * b", "```"]) == [
        "Words",
        "",
        ".. code-block:: python",
        "",
        "   a * b",
        "",
    ]
