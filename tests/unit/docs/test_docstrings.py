"""How docstrings, prose with a little Markdown, become what autodoc reads."""

import pytest

from docs.generators.docstrings import converted


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


def test_a_fence_within_a_section_stays_in_it():
    assert converted(["Example:", "    ```python", "    a", "    ```"])[2:] == [
        "    .. code-block:: python",
        "",
        "       a",
        "",
    ]
