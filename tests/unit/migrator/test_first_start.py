"""The one-shot that makes what the stack needs: once, and own certificates only where they can be used."""

import base64
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ostinato_migrator.first_start import main, self_signed

FILES = ("database/password", "encryption/encryption.key", "tls/certificate.pem", "tls/key.pem")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of own certificates, in which there are none."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def run(folder: Path, own: Path) -> int:
    return main([str(folder), "--own", str(own)])


def made(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def names_of(folder: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate((folder / "tls" / "certificate.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def give(own: Path, certificate: bytes, key: bytes) -> None:
    (own / "certificate.pem").write_bytes(certificate)
    (own / "key.pem").write_bytes(key)


def test_all_is_made_once(tmp_path: Path, own: Path) -> None:
    assert run(tmp_path, own) == 0
    before = made(tmp_path)
    assert len(before["database/password"]) >= 32
    assert len(base64.b64decode(before["encryption/encryption.key"])) == 32
    assert run(tmp_path, own) == 0
    assert made(tmp_path) == before


def test_certificate_is_made_anew_for_a_name_that_it_lacks(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, own)
    before = made(tmp_path)
    monkeypatch.setenv("OSTINATO_HOSTNAMES", "ostinato.example.com, 10.0.0.7")
    assert run(tmp_path, own) == 0
    assert names_of(tmp_path) >= {"ostinato.example.com", "10.0.0.7", "localhost"}
    assert made(tmp_path)["database/password"] == before["database/password"]


def test_own_certificate_is_taken_over_and_renewed(tmp_path: Path, own: Path) -> None:
    for name in ("first.example.com", "second.example.com"):
        give(own, *self_signed([name]))
        assert run(tmp_path, own) == 0
        assert name in names_of(tmp_path)
        assert (tmp_path / "tls" / "key.pem").read_bytes() == (own / "key.pem").read_bytes()


def test_files_without_content_are_none(tmp_path: Path, own: Path) -> None:
    give(own, b"", b"")
    assert run(tmp_path, own) == 0
    assert "localhost" in names_of(tmp_path)


def _with_password(key: bytes) -> bytes:
    loaded = serialization.load_pem_private_key(key, None)
    encryption = serialization.BestAvailableEncryption(b"secret")
    return loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _another() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form)


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [("another", "of another certificate"), ("password", "has a password"), ("nonsense", ""), ("missing", "No such")],
)
def test_pair_that_cannot_be_used_is_refused_and_the_former_one_stays(
    tmp_path: Path, own: Path, capsys: pytest.CaptureFixture[str], flaw: str, reason: str
) -> None:
    run(tmp_path, own)
    before = made(tmp_path)
    certificate, key = self_signed(["own.example.com"])
    give(own, certificate, {"another": _another(), "password": _with_password(key)}.get(flaw, b"nonsense"))
    if flaw == "missing":
        (own / "key.pem").unlink()
    assert run(tmp_path, own) == 1
    told = capsys.readouterr().err
    assert reason in told
    assert "OSTINATO_TLS_KEY" in told
    assert made(tmp_path) == before
