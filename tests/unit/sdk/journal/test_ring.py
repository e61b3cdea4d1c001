"""The ring gives back what was not acknowledged, in order, wherever its process died, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.journal.ring import DATA_AT, NotAJournal, Ring, Stream, read_ring

SIZE = 4096

Move = tuple[str, Stream, int]

STREAMS = st.sampled_from(Stream)
KINDS = st.sampled_from(["append", "append", "acknowledge", "resize"])
moves = st.lists(st.tuples(KINDS, STREAMS, st.integers(0, 900)), max_size=80)


@given(moves)
def test_what_is_not_acknowledged_is_read_in_order(tmp_path_factory: pytest.TempPathFactory, moves: list[Move]) -> None:
    ring = Ring(tmp_path_factory.mktemp("ring") / "a.journal", b"who", SIZE)
    done = dict.fromkeys(Stream, 0)
    waiting: list[tuple[Stream, int, bytes]] = []
    skipped: list[tuple[Stream, int]] = []
    for number, (move, stream, amount) in enumerate(moves):
        if move == "append":
            payload = b"%d:" % number + b"x" * amount
            ordinal = ring.counts[stream]
            if ring.append(stream, payload):
                waiting.append((stream, ordinal, payload))
            else:
                ring.skip(stream)
                skipped.append((stream, ordinal))
        elif move == "acknowledge":
            done[stream] = upto = max(done[stream], ring.counts[stream] * amount // 900)
            ring.acknowledge(stream, upto)
            waiting = [entry for entry in waiting if entry[0] is not stream or entry[1] >= upto]
            skipped = [entry for entry in skipped if entry[0] is not stream or entry[1] >= upto]
        elif move == "resize":
            ring.resize(max(SIZE, 2 * ring.used))
        found = read_ring(ring.path)
        assert found.meta == b"who"
        assert [(record.stream, record.ordinal, record.payload) for record in found.records] == waiting
        assert found.missing == tuple(sum(entry[0] is stream for entry in skipped) for stream in Stream)
    ring.close(remove=True)
    assert not ring.path.exists()


def test_it_goes_round_for_ever_while_it_is_acknowledged(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "a.journal", b"", 64 * 1024)
    for number in range(5000):
        assert ring.append(Stream.EVENTS, b"%d" % number * 50)
        if number % 100 == 99:
            ring.acknowledge(Stream.EVENTS, number - 20)
    assert [record.ordinal for record in read_ring(ring.path).records] == list(range(4979, 5000))
    assert ring.path.stat().st_size == DATA_AT + 64 * 1024
    ring.close(remove=False)


@given(st.integers(0, 3 * 128 - 1), st.integers(0, 255))
def test_a_record_that_is_damaged_ends_the_reading(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    path = tmp_path_factory.mktemp("ring") / "a.journal"
    ring = Ring(path, b"", SIZE)
    for _ in range(3):
        ring.append(Stream.LOGS, b"p" * 100)
    ring.close(remove=False)
    data = bytearray(path.read_bytes())
    is_changed = data[DATA_AT + at] != value
    data[DATA_AT + at] = value
    path.write_bytes(data)
    found = read_ring(path).records
    assert all(record.payload == b"p" * 100 for record in found)
    assert len(found) in ((at // 128, 3) if is_changed else (3,)), "bytes between records mean nothing"


def test_the_older_slot_counts_where_the_newer_was_half_written(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "a.journal", b"", SIZE)
    for number in range(4):
        ring.append(Stream.EVENTS, b"%d" % number)
    ring.acknowledge(Stream.EVENTS, 1)
    ring.acknowledge(Stream.EVENTS, 2)
    ring.close(remove=False)
    data = bytearray(ring.path.read_bytes())
    newer = 192 if data[192] > data[64] else 64
    data[newer + 20] ^= 0xFF
    ring.path.write_bytes(data)
    assert [record.payload for record in read_ring(ring.path).records] == [b"1", b"2", b"3"]


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(b"x" * 10_000)
    with pytest.raises(NotAJournal):
        read_ring(path)
    path.write_bytes(b"")
    with pytest.raises(NotAJournal):
        read_ring(path)
