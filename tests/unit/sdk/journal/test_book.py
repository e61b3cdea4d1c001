"""A process's journal: bounded, gone when all is safe, left to the next process when it is not."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.journal import leftovers
from ostinato.journal.book import FOLDER, Journal
from ostinato.journal.leftovers import is_abandoned, journal_files, look_into
from ostinato.journal.notes import Begun
from ostinato.journal.ring import SMALLEST, Stream
from ostinato.settings import Settings

URL = "http://user:secret@127.0.0.1:9/api"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a home of their own."""
    return Settings(home=tmp_path)


@pytest.fixture
def journal(settings: Settings) -> Journal:
    """A journal in that home."""
    return Journal(settings.home / FOLDER, URL, SMALLEST)


def test_there_is_no_file_until_something_waits_nor_after_all_is_safe(journal: Journal, settings: Settings) -> None:
    assert not (settings.home / FOLDER).exists()
    journal.append(Stream.EVENTS, b"{}")
    journal.append(Stream.LOGS, b"{}")
    assert journal.path is not None
    path = journal.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not is_abandoned(path)
    journal.acknowledge(Stream.EVENTS, 1)
    journal.acknowledge(Stream.LOGS, 1)
    journal.close()
    assert journal_files(settings) == []
    journal.append(Stream.EVENTS, b"{}")
    assert journal_files(settings) == [], "what comes after the end is not kept"


def test_what_is_not_safe_at_the_end_is_left(journal: Journal, settings: Settings) -> None:
    for number in range(3):
        journal.append(Stream.EVENTS, b"%d" % number)
    first, second = (
        journal.note(Begun(flow_run_id=uuid4(), name=name, state_id=None).model_dump_json().encode()) for name in "ab"
    )
    journal.acknowledge(Stream.EVENTS, 2)
    journal.settle(second)
    journal.close()
    (path,) = journal_files(settings)
    assert is_abandoned(path)
    left = look_into(path)
    assert left is not None
    assert left.of(Stream.EVENTS) == [b"2"]
    assert [note.name for note in left.notes() if isinstance(note, Begun)] == ["a"], f"{first} is open, {second} not"
    assert left.owner.pid == os.getpid()
    assert "secret" not in path.read_bytes().decode(errors="replace")


def test_it_grows_to_its_bound_and_drops_log_lines_first(
    journal: Journal, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    bounded = Journal(settings.home / FOLDER, URL, 3 * SMALLEST)
    line = b"l" * 100_000
    for _ in range(3 * SMALLEST // len(line) + 10):
        bounded.append(Stream.LOGS, line)
    assert bounded.unwritten > 10
    assert "log lines first" in capsys.readouterr().err
    bounded.append(Stream.EVENTS, b"event")
    path = bounded.path
    assert path is not None
    assert SMALLEST < path.stat().st_size <= 3 * SMALLEST + 4096
    left = look_into(path)
    assert left is not None
    assert left.of(Stream.EVENTS) == [b"event"], "there is room for what tells of states"
    bounded.acknowledge(Stream.LOGS, len(left.of(Stream.LOGS)) + bounded.unwritten)
    bounded.acknowledge(Stream.EVENTS, 1)
    assert path.stat().st_size == SMALLEST + 4096, "it is short again when all is well"
    bounded.close()
    assert journal_files(settings) == []


def test_a_long_run_whose_events_get_through_does_not_fill_it(journal: Journal, settings: Settings) -> None:
    notes = [Begun(flow_run_id=uuid4(), name=name, state_id=None).model_dump_json().encode() for name in "abc"]
    _, second, _ = [journal.note(note) for note in notes]
    (path,) = journal_files(settings)
    for number in range(4 * SMALLEST // 100_000):
        journal.append(Stream.EVENTS, b"%d" % number * 10_000)
        journal.acknowledge(Stream.EVENTS, 1)
        left = look_into(path)
        assert left is not None
        assert [note.name for note in left.notes() if isinstance(note, Begun)] == ["a", "b", "c"]
    assert journal.unwritten == 0
    assert path.stat().st_size == SMALLEST + 4096
    journal.settle(second)
    journal.close()
    left = look_into(path)
    assert left is not None
    assert [note.name for note in left.notes() if isinstance(note, Begun)] == ["a", "c"]


def test_a_full_journal_with_a_run_in_it_takes_more_when_the_server_is_back(journal: Journal) -> None:
    journal.note(Begun(flow_run_id=uuid4(), name="a", state_id=None).model_dump_json().encode())
    event = b"e" * 100_000
    many = SMALLEST // len(event) + 5
    for _ in range(many):
        journal.append(Stream.EVENTS, event)
    lost = journal.unwritten
    assert lost > 0
    journal.acknowledge(Stream.EVENTS, many)
    for _ in range(many // 2):
        journal.append(Stream.EVENTS, event)
    assert journal.unwritten == lost
    journal.close()


def test_a_folder_that_cannot_be_written_is_told_and_does_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FOLDER).write_text("no folder")
    journal = Journal(tmp_path / FOLDER, URL, SMALLEST)
    journal.append(Stream.EVENTS, b"{}")
    journal.settle(journal.note(b"{}"))
    journal.acknowledge(Stream.EVENTS, 1)
    journal.close()
    assert capsys.readouterr().err.count("No journal can be kept") == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from ostinato.journal.book import Journal
from ostinato.journal.notes import Begun
from ostinato.journal.ring import SMALLEST, Stream

journal = Journal(Path(sys.argv[1]), "http://127.0.0.1:9/api", SMALLEST)
for number in range(1000):
    journal.append(Stream.EVENTS, b"%d" % number)
if os.fork() == 0:
    journal.leave_to_parent()
    print(os.getpid(), flush=True)
    signal.pause()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_loses_nothing_and_a_child_that_lives_on_does_not_hold_the_file(settings: Settings) -> None:
    script = [sys.executable, "-c", KILLED, str(settings.home / FOLDER)]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            assert process.wait(30) == -signal.SIGKILL
            (path,) = journal_files(settings)
            assert is_abandoned(path)
            left = look_into(path)
        finally:
            os.kill(child, signal.SIGKILL)
    assert left is not None
    assert left.of(Stream.EVENTS) == [b"%d" % number for number in range(1000)]


def test_only_one_takes_a_journal_over(journal: Journal, settings: Settings) -> None:
    journal.append(Stream.EVENTS, b"{}")
    journal.close()
    (path,) = journal_files(settings)
    with leftovers.taken_over(path) as first, leftovers.taken_over(path) as second:
        assert first
        assert not second
    path.unlink()
    with leftovers.taken_over(path) as is_ours:
        assert not is_ours
