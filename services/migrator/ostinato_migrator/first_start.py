"""One-shot entry of the stack's `setup` container: makes, once, the secrets and the certificate that nobody has given.

`python -m ostinato_migrator.first_start FOLDER`, which then holds `database/password`, `encryption/encryption.key` and
`tls/certificate.pem` with `tls/key.pem`. What is there stays; a self-made certificate that runs out within a month, or
lacks a name of `OSTINATO_HOSTNAMES`, is made anew. Own certificates stand in `/own/certificate.pem` and `/own/key.pem`.
"""

import argparse
import base64
import ipaddress
import os
import secrets
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ostinato_core.clock import utc_now
from ostinato_core.encryption.key_ring import KEY_BYTES

LIFE: Final = timedelta(days=825)
"""Of a self-made certificate: the longest that browsers accept of one that was added by hand."""
RENEWED_BEFORE: Final = timedelta(days=30)
ISSUER: Final = "Ostinato self-signed"
READABLE: Final = 0o444
"""Each file is in a volume of its own that only those who need it see, whatever user they run as."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 if all is there now, 1 if an own certificate cannot be used."""
    parser = argparse.ArgumentParser(description="Make the secrets and the certificate of the stack, once.")
    parser.add_argument("folder", type=Path, help="where they are kept")
    parser.add_argument("--own", type=Path, default=Path("/own"), help="where an own certificate would be")
    options = parser.parse_args(arguments)
    _write_once(options.folder / "database" / "password", secrets.token_urlsafe(32))
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    _write_once(options.folder / "encryption" / "encryption.key", key + "\n")
    return _certificate(options.folder / "tls", options.own)


def _certificate(folder: Path, own: Path) -> int:
    given = [own / "certificate.pem", own / "key.pem"]
    # Where nothing is given, compose mounts /dev/null: a file without content.
    if any(path.exists() and path.read_bytes() for path in given):
        try:
            certificate, key = (path.read_bytes() for path in given)
            _check(certificate, key)
        except (OSError, ValueError) as error:
            sys.stderr.write(
                f"The own certificate cannot be used ({error}): OSTINATO_TLS_CERTIFICATE must name a PEM file with the "
                "certificate and its chain, OSTINATO_TLS_KEY one with its private key without a password.\n"
            )
            return 1
        _write(folder / "certificate.pem", certificate)
        _write(folder / "key.pem", key)
        return 0
    names = [name.strip() for name in os.environ.get("OSTINATO_HOSTNAMES", "localhost").split(",") if name.strip()]
    if not _still_good(folder / "certificate.pem", names):
        certificate, key = self_signed(names)
        _write(folder / "key.pem", key)
        _write(folder / "certificate.pem", certificate)
        sys.stdout.write(f"Made a self-signed certificate for {', '.join(names)}.\n")
    return 0


def _check(certificate: bytes, key: bytes) -> None:
    """Errors: ValueError where the two are not a certificate and its key."""
    public = x509.load_pem_x509_certificate(certificate).public_key()
    try:
        private = serialization.load_pem_private_key(key, password=None)
    except TypeError as error:
        raise ValueError("the key has a password") from error
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if public.public_bytes(*form) != private.public_key().public_bytes(*form):
        raise ValueError("the key is that of another certificate")


def _still_good(path: Path, names: Sequence[str]) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    if certificate.issuer != x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)]):
        return False
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(_general_names(names)) <= set(alternative) and (
        certificate.not_valid_after_utc - utc_now() > RENEWED_BEFORE
    )


def self_signed(names: Sequence[str]) -> tuple[bytes, bytes]:
    """Return a certificate for host names and addresses, signed by its own key, and the key: both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = utc_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    """Return names as certificates have them; one's own machine is always among them."""
    found: dict[str, x509.GeneralName] = {}
    for name in (*names, "localhost", "nginx", "127.0.0.1", "::1"):
        try:
            found[name] = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            found[name] = x509.DNSName(name)
    return list(found.values())


def _write_once(path: Path, content: str) -> None:
    if not path.exists():
        _write(path, content.encode())


def _write(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.chmod(READABLE)
    draft.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
