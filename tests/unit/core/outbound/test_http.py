"""The client for requests that leave the server: whom it calls, and what it makes of every kind of answer."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from ostinato_core.outbound.allowed import PUBLIC_ONLY, AllowList
from ostinato_core.outbound.http import MAXIMUM_ANSWER, HttpClient, NotAnswered
from ostinato_wire.notifications import HttpRequest
from tests.support.certificates import make_certificate, server_context
from tests.support.receiver import Receiver
from tests.support.stub_api import StubServer

LOCAL = AllowList.parse("127.0.0.1")
PATIENT = 20.0


class Resolver(AbstractResolver):
    """Answers each question by the next of its addresses, and the last one ever after."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return one address."""
        self.asked += 1
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


def client(allowed: AllowList = LOCAL, timeout: float = PATIENT, resolver: Resolver | None = None) -> HttpClient:
    return HttpClient(allowed, timeout, resolver)


async def refused(sender: HttpClient, url: str, *, allow_private: bool = True) -> NotAnswered:
    with pytest.raises(NotAnswered) as told:
        await sender.send(HttpRequest(url, json={}), allow_private=allow_private)
    return told.value


async def test_a_request_arrives_as_it_was_made(receiver: Receiver) -> None:
    request = HttpRequest(
        f"{receiver.url}/path?a=1", "PUT", query={"b": "2"}, headers={"X-Key": "k"}, cookies={"c": "3"},
        json={"é": [1]}, basic_auth=("me", "pass"),
    )  # fmt: skip
    answer = await client().send(request)
    assert (answer.status, answer.text) == (200, "ok")
    (taken,) = receiver.received
    assert (taken.method, taken.path, taken.body) == ("PUT", "/path?a=1&b=2", '{"é":[1]}'.encode())
    shown = {name: taken.headers[name] for name in ("content-type", "x-key", "cookie", "authorization")}
    assert shown == {
        "content-type": "application/json", "x-key": "k", "cookie": "c=3", "authorization": "Basic bWU6cGFzcw==",
    }  # fmt: skip


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"]
)
async def test_no_spelling_of_this_machine_is_called(receiver: Receiver, host: str) -> None:
    port = receiver.url.rpartition(":")[2]
    told = await refused(client(PUBLIC_ONLY), f"http://{host}:{port}/secret")
    assert "secret" not in told.reason
    assert not receiver.received


async def test_a_block_may_void_the_list(receiver: Receiver) -> None:
    told = await refused(client(), f"{receiver.url}/", allow_private=False)
    assert told.is_final
    assert not receiver.received


async def test_a_name_for_a_private_machine_is_not_called(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    resolver = Resolver("127.0.0.1")
    told = await refused(client(PUBLIC_ONLY, resolver=resolver), f"http://hooks.example:{port}/")
    assert (told.is_final, resolver.asked) == (True, 1)
    assert "hooks.example is not a public machine" in told.reason
    assert not receiver.received


async def test_a_resolver_that_changes_its_mind_gains_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is checked is what is connected to: the name is looked up once, and each answer counts."""
    port = receiver.url.rpartition(":")[2]
    connected: list[str] = []
    loop = asyncio.get_running_loop()

    async def connect(_: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "sock_connect", connect)
    resolver = Resolver("93.184.215.14", "127.0.0.1")
    sender = client(PUBLIC_ONLY, resolver=resolver)
    first = await refused(sender, f"http://rebinding.example:{port}/")
    assert (connected, resolver.asked, first.is_final) == (["93.184.215.14"], 1, False)
    second = await refused(sender, f"http://rebinding.example:{port}/")
    assert (connected, resolver.asked, second.is_final) == (["93.184.215.14"], 2, True)


async def test_a_name_on_the_list_may_be_private(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    sender = client(AllowList.parse("hooks.corp"), resolver=Resolver("127.0.0.1"))
    assert (await sender.send(HttpRequest(f"http://hooks.corp:{port}/"))).status == 200


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers.append(web.Response(status=307, headers={"Location": "http://169.254.169.254/latest"}))
    assert (await client().send(HttpRequest(receiver.url))).status == 307
    assert len(receiver.received) == 1


async def test_silence_ends_and_nobody_knows_what_became_of_it(receiver: Receiver) -> None:
    receiver.silent = True
    told = await refused(client(timeout=1.0), f"{receiver.url}/secret")
    assert told.is_final
    assert told.reason == "127.0.0.1 did not answer within 1 seconds; it may have received the request."


async def test_a_connection_that_ends_may_have_brought_it() -> None:
    async def hang_up(request: web.Request) -> web.Response:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    server = StubServer(hang_up)
    server.start()
    try:
        told = await refused(client(), f"http://127.0.0.1:{server.port}/secret")
    finally:
        server.stop()
    assert told.is_final
    assert told.reason == "127.0.0.1 ended the connection before it answered; it may have received the request."


async def test_who_is_not_there_may_be_later() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        told = await refused(client(), f"http://127.0.0.1:{held.getsockname()[1]}/secret")
    assert not told.is_final
    assert "secret" not in told.reason


async def test_certificates_are_checked(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    server = StubServer(answer, server_context(make_certificate(tmp_path)))
    server.start()
    try:
        url = f"https://127.0.0.1:{server.port}/secret"
        told = await refused(client(), url)
        assert (told.is_final, told.reason) == (False, "127.0.0.1 has no certificate that is trusted.")
        assert (await client().send(HttpRequest(url), verify=False)).status == 200
    finally:
        server.stop()


async def test_a_long_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    receiver.answers.append(web.Response(body=b"x" * (MAXIMUM_ANSWER * 4)))
    assert len((await client().send(HttpRequest(receiver.url))).text) == MAXIMUM_ANSWER


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "a.example", "http://", "http://a:b:c/", ""])
async def test_addresses_that_are_none(url: str) -> None:
    told = await refused(client(), url)
    assert told.is_final
    assert "does not begin with http" in told.reason


async def test_headers_that_would_be_two_are_refused(receiver: Receiver) -> None:
    with pytest.raises(NotAnswered, match="headers that HTTP does not allow") as told:
        await client().send(HttpRequest(receiver.url, headers={"X-Key": "a\r\nHost: b"}))
    assert told.value.is_final
    assert not receiver.received
