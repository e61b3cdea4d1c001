"""Is the server the one that it says to be: certificates, who vouches for them, until when."""

import os
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPException, HTTPSConnection
from typing import Any, Final, cast
from urllib.parse import unquote

from ostinato.cli.diagnosis.target import PATIENCE, Target, origin
from ostinato.cli.diagnosis.verdict import Verdict, failed, ok, skipped, warning
from ostinato.client.transport import ssl_context

SOON: Final = timedelta(days=14)
"""A certificate that runs out within this time is worth a warning."""

EXPIRED, NOT_YET_VALID = 10, 9
UNTRUSTED: Final = frozenset({2, 18, 19, 20, 21, 27})
WRONG_NAME: Final = frozenset({62, 64})
"""Codes of OpenSSL's verification (X509_V_ERR_...)."""

INSECURE = "OSTINATO_API_TLS_INSECURE_SKIP_VERIFY"
_TRUST = (
    "Trust its issuer: export SSL_CERT_FILE=/path/to/issuer.pem (or OSTINATO_API_SSL_CERT_FILE); "
    f"for a test only: {INSECURE}=true"
)
_RENEW = "Renew the certificate on the server (`make certs`, or a new file for OSTINATO_TLS_CERTIFICATE)."


def tls(target: Target) -> Verdict:
    """Say who issued the certificate, until when it holds, and whether this client trusts it."""
    try:
        # Made for plain HTTP too: a file of certificates that cannot be read keeps every client from starting.
        context = ssl_context(target.settings)
    except (OSError, ssl.SSLError) as error:
        found = f"certificates to trust cannot be read from {trusted(target)}: {getattr(error, 'strerror', error)}"
        return failed(found, "Name a readable PEM file there, or unset the variable.")
    if not target.is_secure:
        return _without(target)
    if target.proxy is not None and target.proxy.scheme != "http":
        return skipped(f"a proxy of the kind {target.proxy.scheme!r} cannot be looked through")
    try:
        certificate = _peer(target, context)
    except ssl.SSLCertVerificationError as error:
        return _distrusted(target, error)
    except ssl.SSLError as error:
        return _no_tls(target, error)
    except (OSError, HTTPException) as error:
        return _no_tunnel(target, error)
    if context.verify_mode is ssl.CERT_NONE:
        found = f"nobody vouches for the server: verification is off (from {origin(INSECURE)})"
        return warning(
            found, f"Trust its issuer instead, and unset {INSECURE}: export SSL_CERT_FILE=/path/to/issuer.pem"
        )
    return _trusted(target, certificate)


def trusted(target: Target) -> str:
    """Tell which file of certificates is in force, and by which setting."""
    if target.settings.api.ssl_cert_file is not None:
        return f"{target.settings.api.ssl_cert_file} (from {origin('OSTINATO_API_SSL_CERT_FILE')})"
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if os.environ.get(variable):
            return f"{os.environ[variable]} (from {variable} in the environment)"
    return "the public certificate authorities"


def _without(target: Target) -> Verdict:
    api = target.settings.api
    if (api.auth_string or api.key) and not target.is_near:
        remedy = "Use an https:// URL for OSTINATO_API_URL; see the stack, or a proxy with TLS in front."
        return warning("not used: the credentials travel readable by all between", remedy)
    return skipped("not used: the URL is http://")


def _trusted(target: Target, certificate: Mapping[str, Any]) -> Verdict:  # Any: as of getpeercert
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    found = f"issued by {_issuer(certificate)}, until {ends:%Y-%m-%d}, trusted by {trusted(target)}"
    if ends - datetime.now(UTC) < SOON:
        return warning(f"the certificate is about to expire: {found}", _RENEW)
    return ok(found)


def _distrusted(target: Target, error: ssl.SSLCertVerificationError) -> Verdict:
    certificate = _read_untrusted(target)
    issuer = f"issued by {_issuer(certificate)}" if certificate else "of an issuer that cannot be read"
    if error.verify_code in WRONG_NAME:
        names = [name for _, name in certificate.get("subjectAltName", ())]
        host = target.place.host
        remedy = f"Use a name of the certificate in OSTINATO_API_URL, or have one made for {host} (OSTINATO_HOSTNAMES)."
        return failed(f"the certificate is not for {host}, but for {', '.join(names) or 'no name at all'}", remedy)
    if error.verify_code == EXPIRED:
        return failed("the certificate has expired, or this machine's clock is wrong", _RENEW)
    if error.verify_code == NOT_YET_VALID:
        remedy = "Set this machine's clock right (NTP), or the server's and have the certificate made anew."
        return failed("the certificate is not valid yet, or this machine's clock is wrong", remedy)
    if error.verify_code in UNTRUSTED:
        return failed(f"the certificate, {issuer}, is not trusted by {trusted(target)}", _TRUST)
    return failed(f"the certificate, {issuer}, is not accepted: {error.verify_message}", _TRUST)


def _no_tls(target: Target, error: ssl.SSLError) -> Verdict:
    remedy = f"Is it a port for http://? Look at {origin('OSTINATO_API_URL')}; the server must speak TLS 1.2 or newer."
    return failed(f"{target.place} does not speak TLS as it should: {error.reason or error}", remedy)


def _no_tunnel(target: Target, error: Exception) -> Verdict:
    if target.proxy is None:
        remedy = "Something between hangs up during TLS: a firewall, or a server that is just starting."
        return failed(f"{target.place} hangs up: {error or type(error).__name__}", remedy)
    remedy = "Look at HTTPS_PROXY (http://USER:PASSWORD@HOST:PORT), or exempt the server by NO_PROXY."
    return failed(f"the proxy {target.next_hop} gives no way through: {error or type(error).__name__}", remedy)


def _peer(target: Target, context: ssl.SSLContext, binary: bool = False) -> Any:  # Any: as of getpeercert
    """Return the certificate of the server, once a connection stands. Errors: those of ssl, OSError, HTTPException."""
    hop = target.next_hop
    connection = HTTPSConnection(hop.host, hop.port, timeout=PATIENCE, context=context)
    if target.proxy is not None:
        connection.set_tunnel(target.place.host, target.place.port, _proxy_authorization(target))
    try:
        connection.connect()
        peer = cast(ssl.SSLSocket, connection.sock)  # http.client types it as a plain socket
        return peer.getpeercert(binary_form=binary)
    finally:
        connection.close()


def _proxy_authorization(target: Target) -> dict[str, str]:
    if target.proxy is None or target.proxy.username is None:
        return {}
    pair = f"{unquote(target.proxy.username)}:{unquote(target.proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _read_untrusted(target: Target) -> Mapping[str, Any]:  # Any: as of getpeercert
    """Return a certificate that is not trusted, empty if it cannot be read.

    Only trusted ones are decoded by the standard library: so it is trusted itself, for a second connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        itself = ssl.DER_cert_to_PEM_cert(_peer(target, context, binary=True))
        context.load_verify_locations(cadata=itself)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_REQUIRED
        return _peer(target, context)
    except (OSError, HTTPException, ValueError):
        return {}


def _issuer(certificate: Mapping[str, Any]) -> str:  # Any: as of getpeercert
    parts = cast(Sequence[Sequence[tuple[str, str]]], certificate.get("issuer", ()))  # as the documentation has it
    named = {key: value for part in parts for key, value in part}
    return named.get("commonName") or named.get("organizationName") or "an issuer without a name"
