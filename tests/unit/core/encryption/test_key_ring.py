"""Keys: what they seal only they open, and no message tells a secret."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ostinato_core.encryption.key_ring import (
    BadEncryptionKey,
    EncryptionKeyMissing,
    KeyRing,
    SealBroken,
    Sealed,
    parse_keys,
)
from ostinato_core.encryption.source import KEY_FILE, NoEncryptionKey, ensure_key_file, load_key_ring
from ostinato_core.settings import ServerSettings
from tests.support.keys import new_key

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_sealed_is_opened(secret: bytes, place: bytes) -> None:
    ring = KeyRing([OLD])
    sealed = ring.seal(secret, place)
    assert ring.open(sealed, place) == secret
    assert KeyRing([NEW, OLD]).open(sealed, place) == secret


def test_the_first_key_seals() -> None:
    assert KeyRing([NEW, OLD]).seal(b"", b"").key_id == KeyRing([NEW]).primary


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    ring = KeyRing([OLD])
    assert ring.seal(b"x", b"").text != ring.seal(b"x", b"").text


def test_another_key_is_named_as_missing() -> None:
    sealed = KeyRing([OLD]).seal(b"geheim", b"")
    with pytest.raises(EncryptionKeyMissing, match=sealed.key_id):
        KeyRing([NEW]).open(sealed, b"")


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!"])
def test_damage_is_noticed(text: str) -> None:
    ring = KeyRing([OLD])
    with pytest.raises(SealBroken):
        ring.open(Sealed(text, ring.primary), b"")


def test_a_secret_cannot_be_moved_to_another_place() -> None:
    ring = KeyRing([OLD])
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"x", b"here"), b"there")


def test_a_ring_does_not_show_its_keys() -> None:
    assert "o" * 8 not in repr(KeyRing([OLD]))
    assert base64.b64encode(OLD).decode() not in repr(KeyRing([OLD]))


def test_keys_are_read_with_commas_lines_and_comments() -> None:
    url_safe = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    ring = parse_keys(f"# the new one\n{base64.b64encode(NEW).decode()}, {url_safe}\n", "here")
    assert ring.ids == KeyRing([NEW, b"\xff" * 32]).ids


@pytest.mark.parametrize("text", ["", "# none", "short", "%%%", "A" * 42])
def test_a_bad_key_is_refused_with_a_remedy_and_not_repeated(text: str) -> None:
    with pytest.raises(BadEncryptionKey, match="openssl rand -base64 32") as refused:
        parse_keys(text, "OSTINATO_ENCRYPTION_KEY")
    assert "OSTINATO_ENCRYPTION_KEY" in refused.value.message
    assert not text or text not in refused.value.message


def test_the_one_process_makes_a_key_file_that_only_its_user_reads(tmp_path: Path) -> None:
    settings = ServerSettings(home=tmp_path / "home", encryption_key=None, encryption_key_file=None)
    with pytest.raises(NoEncryptionKey):
        load_key_ring(settings)
    ensure_key_file(settings)
    path = settings.home / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = load_key_ring(settings).ids
    ensure_key_file(settings)
    assert load_key_ring(settings).ids == first
    assert [file.name for file in settings.home.iterdir()] == [KEY_FILE]


def test_the_environment_goes_before_files(tmp_path: Path) -> None:
    key = new_key()
    settings = ServerSettings(home=tmp_path, encryption_key=SecretStr(key), encryption_key_file=tmp_path / "none")
    ensure_key_file(settings)
    assert load_key_ring(settings).ids == parse_keys(key, "").ids
    assert list(tmp_path.iterdir()) == []


def test_a_named_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    settings = ServerSettings(home=tmp_path, encryption_key=None, encryption_key_file=tmp_path / "keys")
    ensure_key_file(settings)
    with pytest.raises(BadEncryptionKey, match="does not exist"):
        load_key_ring(settings)
