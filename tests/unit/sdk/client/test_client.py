"""Both clients against a server: methods, headers, errors, TLS, proxies, lookup."""

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiohttp import web

from ostinato.client import get_client
from ostinato.client.errors import ApiUnreachable, ApiVersionMismatch, ObjectNotFound, OstinatoHTTPStatusError
from ostinato.client.operations import Operations
from ostinato.client.orchestration import OstinatoClient
from ostinato.client.plans import admin
from ostinato.settings import temporary_settings
from ostinato_wire.filters import AnyOrNotId, NameFilter
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.states import SetStateStatus, StateCreate, StateType
from tests.support.stub_api import RecordingApi, StubServer, serving

ID = UUID("01a201eb-db87-72ad-b55b-2b5bdaaf100a")
FLOW = {"id": str(ID), "created": None, "updated": None, "name": "etl"}
RUN = {"id": str(ID), "created": None, "updated": None, "name": "r", "flow_id": str(ID)}


class Etl:
    """A flow, as far as a client needs it."""

    name = "etl"
    version = "1"


class Both:
    """Calls a method of the sync or of the async client by name."""

    def __init__(self, is_sync: bool) -> None:
        self.is_sync = is_sync

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Return what the method returns in a client of its own."""
        if self.is_sync:
            with get_client(sync_client=True) as client:
                return getattr(client, method)(*args, **kwargs)

        async def call() -> Any:
            async with get_client() as client:
                return await getattr(client, method)(*args, **kwargs)

        return asyncio.run(call())


@pytest.fixture(params=[True, False], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Both:
    """Call a method of each client."""
    return Both(request.param)


@pytest.fixture
def api() -> RecordingApi:
    """Return the server's answers."""
    return RecordingApi()


@pytest.fixture
def server(api: RecordingApi) -> Generator[StubServer]:
    """Run the server, and let the settings point at it."""
    with serving(api) as stub, temporary_settings({"api.url": stub.api_url, "client.csrf_support_enabled": False}):
        yield stub


@pytest.mark.usefixtures("server")
def test_a_flow_run_is_created_under_its_flow(call: Both, api: RecordingApi) -> None:
    api.answers = {("POST", "/flows/"): FLOW, ("POST", "/flow_runs/"): RUN}
    run = call("create_flow_run", Etl(), name="r", parameters={"x": 1}, tags=["a"])
    assert run.id == ID
    assert api.of("POST", "/flows/")[0].body["name"] == "etl"
    body = api.of("POST", "/flow_runs/")[0].body
    assert body["flow_id"] == str(ID)
    assert (body["name"], body["parameters"], body["tags"], body["flow_version"]) == ("r", {"x": 1}, ["a"], "1")
    assert body["state"]["type"] == "PENDING"
    assert set(body["state"]) <= {"type", "name", "message", "data", "state_details"}


@pytest.mark.usefixtures("server")
def test_each_proposal_of_a_state_is_a_new_transition(call: Both, api: RecordingApi) -> None:
    route = f"/flow_runs/{ID}/set_state"
    api.answers[("POST", route)] = {"state": None, "status": "ACCEPT", "details": {"type": "accept_details"}}
    state = StateCreate(type=StateType.RUNNING)
    assert call("set_flow_run_state", ID, state).status is SetStateStatus.ACCEPT
    call("set_flow_run_state", ID, state, force=True)
    first, second = (taken.body for taken in api.of("POST", route))
    assert first["state"]["state_details"]["flow_run_id"] == str(ID)
    assert first["state"]["state_details"]["transition_id"] != second["state"]["state_details"]["transition_id"]
    assert (first["force"], second["force"]) == (False, True)


@pytest.mark.usefixtures("server")
def test_filters_go_by_their_names_on_the_wire(call: Both, api: RecordingApi) -> None:
    api.answers[("POST", "/flow_runs/filter")] = [[RUN]]
    runs = call(
        "read_flow_runs",
        flow_filter=FlowFilter(name=NameFilter(any_=["etl"])),
        flow_run_filter=FlowRunFilter(id=AnyOrNotId(any_=[ID])),
        limit=5,
    )
    assert [run.id for run in runs] == [ID]
    body = api.of("POST", "/flow_runs/filter")[0].body
    assert body["flows"]["name"]["any_"] == ["etl"]
    assert body["flow_runs"]["id"]["any_"] == [str(ID)]
    assert body["limit"] == 5


@pytest.mark.usefixtures("server")
def test_what_is_not_there_is_not_found(call: Both) -> None:
    with pytest.raises(ObjectNotFound) as caught:
        call("read_flow_run", uuid4())
    assert isinstance(caught.value.http_exc, OstinatoHTTPStatusError)


@pytest.mark.usefixtures("server")
def test_a_server_without_default_storage_has_none(call: Both) -> None:
    assert call("read_server_default_result_storage").default_result_storage_block_id is None


@pytest.mark.usefixtures("server")
def test_the_health_is_none_or_the_reason(call: Both, api: RecordingApi) -> None:
    assert isinstance(call("api_healthcheck"), OstinatoHTTPStatusError)
    api.answers[("GET", "/health")] = True
    assert call("api_healthcheck") is None


@pytest.mark.usefixtures("server")
def test_a_server_that_asks_for_a_pause_gets_the_request_again(call: Both, api: RecordingApi) -> None:
    busy = lambda: web.Response(status=503, headers={"Retry-After": "0"})  # noqa: E731 - a factory of answers
    api.answers[("GET", "/admin/version")] = [busy, busy, "3.8.4"]
    assert call("api_version") == "3.8.4"
    assert len(api.of("GET", "/admin/version")) == 3


def test_headers_name_client_credentials_and_what_the_settings_add(
    call: Both, api: RecordingApi, server: StubServer
) -> None:
    api.answers[("GET", "/hello")] = "hi"
    updates = {
        "api.auth_string": "user:pass",
        "api.key": "never-sent",
        "client.custom_headers": {"X-Team": "data", "user-agent": "curl"},
    }
    with temporary_settings(updates):
        call("hello")
    headers = api.taken[0].headers
    assert headers["User-Agent"] == "prefect/3.8.4 (API 0.8.4)"
    assert headers["X-PREFECT-API-VERSION"] == "0.8.4"
    assert headers["Authorization"] == "Basic dXNlcjpwYXNz"
    assert headers["X-Team"] == "data"


def test_the_key_is_sent_where_there_is_no_auth_string(call: Both, api: RecordingApi, server: StubServer) -> None:
    with temporary_settings({"api.key": "k"}):
        call("api_healthcheck")
    assert api.taken[0].headers["Authorization"] == "Bearer k"


@pytest.mark.usefixtures("server")
def test_a_proxy_of_the_environment_is_used_unless_the_host_is_excepted(
    call: Both, api: RecordingApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = RecordingApi({("GET", "/hello"): "from the proxy"})
    api.answers[("GET", "/hello")] = "direct"
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(proxy) as stub:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{stub.port}")
        assert call("hello").json() == "from the proxy"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert call("hello").json() == "direct"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a key and a certificate that nobody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder


def test_certificates_are_checked_against_the_bundle_of_the_settings(call: Both, certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with (
        serving(RecordingApi({("GET", "/hello"): "hi"}), context) as stub,
        temporary_settings({"api.url": stub.api_url}),
    ):
        with pytest.raises(httpx.ConnectError, match="certificate"):
            call("hello")
        with temporary_settings({"api.ssl_cert_file": certificate / "cert.pem"}):
            assert call("hello").json() == "hi"
        with temporary_settings({"api.tls_insecure_skip_verify": True}):
            assert call("hello").json() == "hi"


def test_without_an_api_url_there_is_no_client_but_a_word_on_what_to_set() -> None:
    with (
        temporary_settings({"api.url": None, "server.ephemeral.enabled": False}),
        pytest.raises(ValueError, match="OSTINATO_API_URL"),
    ):
        get_client()


@pytest.mark.usefixtures("server")
def test_a_client_is_shared_within_its_block_and_cannot_be_opened_again() -> None:
    with get_client(sync_client=True) as outer:
        with get_client(sync_client=True) as inner:
            assert inner is outer
        assert isinstance(outer.api_healthcheck(), OstinatoHTTPStatusError)
        with temporary_settings({"api.key": "other"}):
            assert get_client(sync_client=True) is not outer
    assert get_client(sync_client=True) is not outer
    with pytest.raises(RuntimeError, match="not open"):
        outer.hello()
    with pytest.raises(RuntimeError, match="cannot be started again"), outer:
        pass


@pytest.mark.usefixtures("server")
def test_keywords_of_httpx_win_and_make_another_client(api: RecordingApi) -> None:
    with get_client(sync_client=True) as outer, get_client({"headers": {"X-Own": "1"}}, sync_client=True) as own:
        assert own is not outer
        own.api_healthcheck()
    assert api.taken[0].headers["X-Own"] == "1"


@pytest.mark.usefixtures("server")
async def test_an_async_client_is_shared_within_its_loop_only() -> None:
    async with get_client() as outer:
        assert get_client() is outer
        assert await asyncio.to_thread(lambda: asyncio.run(_another_client())) is not outer


async def _another_client() -> OstinatoClient:
    return get_client()


def test_every_method_of_the_clients_has_documentation() -> None:
    names = {name for name in vars(Operations) if not name.startswith("_")}
    assert {"create_flow_run", "read_logs", "set_task_run_state"} <= names
    assert all(getattr(Operations, name).__doc__ for name in names)


def test_the_models_of_a_noun_are_imported_when_it_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys; from ostinato.client.orchestration import SyncOstinatoClient; "
        "print({'ostinato_wire.deployments', 'ostinato_wire.artifacts', 'ostinato_wire.queries'} & set(sys.modules))"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()"


class TestServerVersion:
    """The check that engines make before they use a server."""

    @pytest.fixture(autouse=True)
    def _forget(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(admin, "_checked", set[str]())

    @pytest.mark.usefixtures("server")
    def test_is_made_once(self, call: Both, api: RecordingApi) -> None:
        api.answers[("GET", "/admin/version")] = "3.9.0"
        call("check_server_version")
        call("check_server_version")
        assert len(api.of("GET", "/admin/version")) == 1

    @pytest.mark.usefixtures("server")
    def test_refuses_another_major_version(self, call: Both, api: RecordingApi) -> None:
        api.answers[("GET", "/admin/version")] = "2.20.1"
        with pytest.raises(ApiVersionMismatch, match=r"2\.20\.1"):
            call("check_server_version")

    @pytest.mark.usefixtures("server")
    def test_warns_of_an_older_server(self, call: Both, api: RecordingApi) -> None:
        api.answers[("GET", "/admin/version")] = "3.0.1"
        with pytest.warns(UserWarning, match=r"3\.0\.1"):
            call("check_server_version")

    def test_says_which_address_was_not_reached(self, call: Both) -> None:
        url = StubServer(RecordingApi()).api_url
        with temporary_settings({"api.url": url}), pytest.raises(ApiUnreachable, match=url):
            call("check_server_version")

    def test_can_be_switched_off(self, call: Both) -> None:
        url = StubServer(RecordingApi()).api_url
        with temporary_settings({"api.url": url, "client.server_version_check_enabled": False}):
            call("check_server_version")
