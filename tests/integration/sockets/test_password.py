"""The shared password guards everything but what a probe or a log-in page needs."""

import base64

import aiohttp
import pytest
from pydantic import SecretStr

from ostinato_api.deps import Services
from tests.support.client import Api
from tests.support.sockets import closing, connect

SECRET = "admin:hidden"
RIGHT = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
SOCKETS = ["/events/in", "/events/out", "/logs/out", "/task_runs/subscriptions/scheduled"]

pytestmark = pytest.mark.one_process("sets the password within the server's process")


@pytest.fixture(autouse=True)
def secret(services: Services) -> None:
    changed: dict[str, object] = {"api_auth_string": SecretStr(SECRET), "metrics_enabled": True}
    services.settings = services.settings.model_copy(update=changed)


@pytest.mark.parametrize(
    "path",
    [
        "/version", "/hello", "/docs", "/openapi.json", "/metrics", "/admin/settings", "/no/such/route",
        # Names that end like an open path open nothing.
        "/flows/name/health", "/flows/name/ready",
    ],
)  # fmt: skip
async def test_a_request_without_the_password_is_refused(client: Api, path: str) -> None:
    for headers in ({}, {"Authorization": "Basic bm9wZTpub3Bl"}, {"Authorization": f"Bearer {SECRET}"}):
        answer = await client.request("GET", path, headers=headers)
        assert (answer.status, answer.json) == (401, {"exception_message": "Unauthorized"})
    answer = await client.request("GET", path, headers=RIGHT)
    assert answer.status != 401


async def test_a_request_that_calls_itself_a_websocket_is_refused_all_the_same(client: Api) -> None:
    answer = await client.request("GET", "/admin/settings", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_probes_need_none(client: Api, path: str) -> None:
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize("path", SOCKETS)
async def test_no_socket_opens_without_it(base_url: str, path: str) -> None:
    for token, reason in ((None, "Auth required but no token provided"), ("admin:wrong", "Invalid token")):
        async with connect(base_url, path, auth=False) as socket:
            await socket.send_json({"type": "auth", "token": token})
            assert await closing(socket) == (1008, reason)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(base_url + path, headers=RIGHT)
    assert refused.value.status == 403


@pytest.mark.parametrize("path", SOCKETS)
async def test_every_socket_opens_with_it(base_url: str, path: str) -> None:
    async with connect(base_url, path, token=SECRET):
        pass


async def test_metrics_tell_of_requests_by_route_and_of_sockets(base_url: str, client: Api) -> None:
    await client.request("GET", "/flows/name/secret-name", headers=RIGHT)
    async with connect(base_url, "/events/out", token=SECRET):
        answer = await client.request("GET", "/metrics", headers=RIGHT)
    text = answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert 'ostinato_http_requests_total{method="GET",route="/api/flows/name/{name}",status="404"} 1.0' in text
    assert "ostinato_open_websockets 1.0" in text
    assert "secret-name" not in text


async def test_a_webhook_needs_none_and_no_log_tells_its_address(
    client: Api, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    template = '{"event": "x", "resource": {"prefect.resource.id": "r"}}'
    made = await client.request("POST", "/webhooks/", {"name": "n", "template": template}, headers=RIGHT)
    slug = made.json["slug"]
    services.settings = services.settings.model_copy(update={"api_csrf_protection_enabled": True})

    with caplog.at_level("INFO", "ostinato.server"):
        assert (await client.post(f"/hooks/{slug}", {})).status == 204
        assert (await client.post(f"/hooks/{slug}x", {})).status == 404

    assert (await client.get("/webhooks/filter")).status == 401
    assert "/api/hooks/... 204" in caplog.text
    assert slug not in caplog.text + str([record.__dict__ for record in caplog.records])
