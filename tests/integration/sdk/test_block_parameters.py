"""Blocks as parameters of flows, on a real server: given as themselves, or by reference."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from ostinato import flow, get_client
from ostinato.exceptions import ParameterTypeError
from ostinato.runtime import flow_run
from tests.integration.sdk.conftest import Project
from tests.support.sample_blocks import Plain

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def saved(project: Project) -> Plain:
    """A block that the server has."""
    block = Plain(a=7)
    block.save(f"plain-{uuid4()}")
    return block


def reference(block: Plain) -> dict[str, Any]:
    return {"$ref": {"block_document_id": str(block.document().id)}}


@flow
def use(block: Plain, rest: Any = None) -> tuple[int, Any, str | None]:
    return block.a, rest, flow_run.id


def test_a_reference_arrives_as_the_block(saved: Plain) -> None:
    refer: Any = reference(saved)
    a, rest, _ = use(refer, rest={"many": [refer, 1], "schema": {"$ref": "#/definitions/x"}})
    assert a == 7
    assert isinstance(rest["many"][0], Plain)
    assert rest["many"][0].a == 7
    assert rest["schema"] == {"$ref": "#/definitions/x"}


def test_the_server_has_the_reference_of_a_saved_block(saved: Plain) -> None:
    _, _, run_id = use(saved, rest=[saved])
    with get_client(sync_client=True) as client:
        assert run_id
        told = client.read_flow_run(UUID(run_id)).parameters
    assert told == {"block": reference(saved), "rest": [reference(saved)]}


def test_a_block_that_is_not_saved_stays_with_the_run() -> None:
    assert use(Plain(a=3))[0] == 3


def test_a_block_that_is_gone_fails_the_run_before_it_starts() -> None:
    gone: Any = {"$ref": {"block_document_id": str(uuid4())}}
    state = use(gone, return_state=True)
    assert state.is_failed()
    assert "'block' refers to cannot be loaded" in (state.message or "")
    with pytest.raises(ParameterTypeError, match="There is no block"):
        state.result()
