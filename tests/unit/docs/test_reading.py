"""How a page of the guide is read: which blocks it has, and whether a command has printed what is shown."""

import sys
from pathlib import Path

import pytest

from tests.support.guide import Reader, WrongPage, blocks_of, commands_of, first_missing, reader_environment


def follow(folder: Path, markdown: str) -> None:
    page = folder / "page.md"
    page.write_text(markdown, encoding="utf-8")
    environment = reader_environment(folder, [Path(sys.executable).parent])
    Reader(page, folder, "127.0.0.1:5555", environment).follow()


def test_blocks_carry_their_language_line_and_the_comment_above():
    found = list(
        blocks_of("Words\n\n<!-- not run: needs Docker -->\n```console\n$ docker ps\n```\n\n```python\n1\n```\n")
    )
    assert [(block.language, block.line, block.note, block.value) for block in found] == [
        ("console", 4, "not run", "needs Docker"),
        ("python", 8, "", ""),
    ]


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("# a.py", "a.py"),
        ("# folder/a.yaml", "folder/a.yaml"),
        ("{# a.jinja #}", "a.jinja"),
        ("# a word", None),
        ("{{ body }}", None),
    ],
)
def test_the_comment_in_the_first_line_names_the_file(first: str, name: str | None):
    (block,) = blocks_of(f"```text\n{first}\n1\n```\n")
    assert block.file_name == name


def test_a_comment_that_no_block_follows_is_refused():
    with pytest.raises(WrongPage, match="no code block follows"):
        list(blocks_of("<!-- fails -->\n\nWords\n"))


def test_commands_go_on_after_a_backslash_and_keep_what_they_show():
    (command,) = commands_of("$ echo a \\\n    b\na b\n")
    assert (command.line, command.shown) == ("echo a b", ["a b"])


@pytest.mark.parametrize(
    ("shown", "printed", "missing"),
    [
        (["a", "c"], "a\nb\nc\n", None),
        (["c", "a"], "a\nb\nc\n", "a"),
        (["took ... s"], "it took  3.5 s\n", None),
        (["...", "b"], "a\nb\n", None),
        (["(1+1)"], "11\n", "(1+1)"),
    ],
)
def test_shown_lines_are_looked_for_in_their_order(shown: list[str], printed: str, missing: str | None):
    assert first_missing(shown, printed) == missing


def test_files_are_saved_and_run_with_the_address_of_the_server(tmp_path: Path):
    follow(
        tmp_path,
        '```python\n# a.py\nprint("http://127.0.0.1:4200")\n```\n\n```console\n$ python a.py\nhttp://127.0.0.1:4200\n```\n',
    )
    assert "127.0.0.1:5555" in (tmp_path / "a.py").read_text()


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("```console\n$ echo a\nb\n```\n", "did not print"),
        ("```console\n$ false\n```\n", "ended with 1"),
        ("<!-- fails -->\n```console\n$ true\n```\n", "ended with 0"),
        ("```python\n# never.py\n1\n```\n", "nothing runs or imports never.py"),
        ("<!-- not run -->\n```python\n1\n```\n", "must say why"),
        ("```text\nwords\n```\n", "neither a file nor commands"),
        ("```python\nraise SystemExit(3)\n```\n", "ended with 3"),
    ],
)
def test_a_page_that_does_not_hold_is_told_with_its_line(tmp_path: Path, markdown: str, message: str):
    with pytest.raises(WrongPage, match=rf"(?s)page.md, line \d+: .*{message}"):
        follow(tmp_path, markdown)


def test_what_goes_on_is_waited_for_and_ended_with_the_page(tmp_path: Path):
    follow(
        tmp_path,
        "```python\n# stay.py\nimport time\nprint('ready')\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n"
        "    open('ended', 'w').close()\n```\n\n<!-- goes on: ready -->\n```console\n$ python stay.py\n```\n",
    )
    assert (tmp_path / "ended").exists()
