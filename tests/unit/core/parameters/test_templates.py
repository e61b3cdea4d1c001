"""The template language: what it renders, and how it says no."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.templates import render_template, validate_template

LOOP = "{% for i in a %}x{% endfor %}"
THREE_DEEP = (
    "{% for i in a %}{% if b %}{% for j in b %}{% for k in b %}x{% endfor %}{% endfor %}{% endif %}{% endfor %}"
)
FAILED = "Failed to render template due to the following error: "


@pytest.mark.parametrize("template", ["plain", "{{ x }}", LOOP * 10, "{{ x|no_such_filter }}", "{{ x.__class__ }}"])
def test_well_formed_templates_are_valid(template: str):
    validate_template(template)


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("{{ x", 1, "unexpected end of template, expected 'end of print statement'."),
        ("{% if %}", 1, "Expected an expression, got 'end of statement block'"),
        ("a\nb\n{{ x | }}", 3, "expected token 'name', got 'end of print statement'"),
        ("{% do x %}", 1, "Encountered unknown tag 'do'."),
        (LOOP * 11, 0, "Contains 11 for loops. Templates can contain no more than 10 for loops."),
        (
            THREE_DEEP,
            0,
            "Contains nested for loops at a depth of 3. Templates can nest for loops no more than 2 loops deep.",
        ),
    ],
)
def test_malformed_templates_are_refused_with_their_line(template: str, line: int, message: str):
    with pytest.raises(TemplateInvalid) as refused:
        validate_template(template)
    assert (refused.value.line, refused.value.message) == (line, message)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain { text }", "plain { text }"),
        ("{# not parsed", "{# not parsed"),
        ("{{ name|upper }}", "OTTER"),
        ("{{ missing.of.many }}|", "|"),
        ("{{ ''.__class__ }}|", "|"),
        ("{{ range(100)|list|length }}", "100"),
        ("{{ '<b>' }} {{ {'a': '<'}|tojson }}", '<b> {"a": "\\u003c"}'),
        ("{{ 1000000|humanize_intcomma }}", "1,000,000"),
        (
            "{% for a in [5, 6] %}{{ loop.index }}/{{ loop.length }}:{{ a }}{{ '' if loop.last else ',' }}{% endfor %}",
            "1/2:5,2/2:6",
        ),
        ("{% for a in missing %}x{% else %}none{% endfor %}", "none"),
        ("{% for k, v in {'a': 1}.items() if v %}{{ k }}{% endfor %}", "a"),
        ("{% for a in [[1], []] recursive %}[{{ loop(a) if a is iterable else a }}]{% endfor %}", "[[1]][]"),
        (r"{{ '\ud83d' }}", "?"),
        ("{{ 'ab' * 3 }} {{ 2 ** 10 }} {{ 2 * 3 }}", "ababab 1024 6"),
    ],
)
def test_templates_make_text(template: str, text: str):
    assert render_template(template, {"name": "otter"}) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 / 0 }}", FAILED + "ZeroDivisionError('division by zero')"),
        (
            "{{ range(101) }}",
            FAILED + "OverflowError('Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE=100.')",
        ),
        ("{{ x.y() }}", FAILED + "UndefinedError(\"'x' is undefined\")"),
        ("{{ [].append(1) }}", FAILED + "SecurityError(\"access to attribute 'append' of 'list' object is unsafe.\")"),
        ("{{ 'a' + 1 }}", FAILED + "TypeError('can only concatenate str (not \"int\") to str')"),
        ("{{ 'a'|nope }}", FAILED + "TemplateAssertionError(\"No filter named 'nope'.\")"),
        ("{% include 'x' %}", FAILED + "TypeError('no loader for this environment specified')"),
        ("{{ 9 ** 9 ** 9 ** 9 ** 9 ** 9 }}", FAILED + "OverflowError('Power too big.')"),
        ("{{ 'a' * 10000000 }}", FAILED + "OverflowError('Repetition too big.')"),
        ("{{ 10000000 * [1] }}", FAILED + "OverflowError('Repetition too big.')"),
        ("{{ x", "unexpected end of template, expected 'end of print statement'."),
    ],
)
def test_templates_that_fail_say_why(template: str, message: str):
    with pytest.raises(TemplateInvalid) as refused:
        render_template(template, {})
    assert refused.value.message == message


TAGS = ["{{", "}}", "{%", "%}", "for", "i", "in", "[1]", "endfor", "if", "endif"]
WORDS = ["x", ".", "|", "upper", "(", ")", "'", "+", "-", "1", "*", "\\ud800"]
PIECES = st.sampled_from(TAGS + WORDS)


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_any_text_renders_or_is_refused(template: str):
    with contextlib.suppress(TemplateInvalid):
        assert isinstance(render_template(template, {"x": [1, "a"]}), str)


def test_a_text_has_a_bound_where_one_is_set() -> None:
    source = "{% for each in many %}{{ each }}{% endfor %}"
    assert render_template(source, {"many": range(10)}, most=10) == "0123456789"
    with pytest.raises(TemplateInvalid, match="more than 9 characters"):
        render_template(source, {"many": range(10)}, most=9)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}",
        "{% for a in [1, 2] recursive %}{% if loop.depth < 40 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    ],
)
def test_a_template_that_would_take_for_ever_is_refused(source: str) -> None:
    with pytest.raises(TemplateInvalid, match="more than 50000 steps"):
        render_template(source, {"many": range(1_000_000)})
    assert render_template("{% for a in many %}.{% endfor %}", {"many": range(3)}) == "..."
