"""Runs of these tests talk to the server in memory of the engine's tests."""

from tests.unit.sdk.engine.conftest import server as server
