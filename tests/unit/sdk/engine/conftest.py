"""Every test of the engine talks to a server in memory."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import ostinato.client
from ostinato.engine.heartbeat import Heartbeats
from ostinato.events.worker import EventsWorker
from ostinato.settings import temporary_settings
from tests.support.engine import FakeClient, FakeServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[FakeServer]:
    """The server that flows and tasks of the test talk to."""
    fake = FakeServer()

    def get_client(*, sync_client: bool = False) -> Any:  # Any: stands for either client
        return FakeClient(fake, is_async=not sync_client)

    monkeypatch.setattr(ostinato.client, "get_client", get_client)
    monkeypatch.setattr(EventsWorker, "instance", lambda: fake)
    settings = {
        "api.url": "http://127.0.0.1:9/api",
        "home": tmp_path,
        "logging.to_api.enabled": False,
        "results.local_storage_path": tmp_path / "storage",
    }
    with temporary_settings(settings):
        yield fake
    assert not Heartbeats.instance().alive(), "a flow run ended and its heartbeats went on"
