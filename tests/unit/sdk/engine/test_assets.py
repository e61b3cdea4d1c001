"""Assets: what the ends of task runs tell of what they made, and from what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from ostinato import flow, task
from ostinato.assets import Asset, AssetProperties, MaterializingTask, add_asset_metadata, materialize
from ostinato.cache_policies import INPUTS
from ostinato.exceptions import MissingContextError
from tests.support.engine import FakeServer

ORDERS = Asset(
    key="s3://shop/orders",
    properties=AssetProperties(name="Orders", url="http://shop", description="all", owners=("me", "you")),
)


def told(server: FakeServer) -> list[Mapping[str, Any]]:  # Any: JSON
    return [event for event in server.events if event["event"].startswith("prefect.asset.")]


def summary(server: FakeServer) -> list[tuple[str, str]]:
    return [(event["event"].rpartition(".")[2], event["resource"]["prefect.resource.id"]) for event in told(server)]


def in_role(event: Mapping[str, Any], role: str) -> list[str]:  # Any: JSON
    return [one["prefect.resource.id"] for one in event["related"] if one["prefect.resource.role"] == role]


@materialize(ORDERS, by="dbt")
def orders() -> int:
    """Make the orders."""
    add_asset_metadata(ORDERS, {"rows": 1})
    ORDERS.add_metadata({"columns": 2})
    return 300_000


@task
def cleaned(rows: int) -> int:
    return rows + 1


@materialize("s3://shop/report", asset_deps=["s3://shop/prices"])
def report(rows: int) -> int:
    if rows < 0:
        raise ValueError("no rows")
    return rows


def test_a_run_tells_what_it_made_and_by_what(server: FakeServer) -> None:
    @flow
    def shop() -> None:
        orders()

    shop()

    (event,) = told(server)
    assert event["event"] == "prefect.asset.materialization.succeeded"
    assert event["resource"] == {
        "prefect.resource.id": "s3://shop/orders",
        "prefect.resource.name": "Orders",
        "prefect.asset.description": "all",
        "prefect.asset.url": "http://shop",
        "prefect.asset.owners": '["me", "you"]',
    }
    assert event["payload"] == {"rows": 1, "columns": 2}
    assert in_role(event, "asset-materialized-by") == ["dbt"]
    assert in_role(event, "flow-run") == [f"prefect.flow-run.{server.only_flow_run.id}"]
    assert len(in_role(event, "task-run")) == 1


def test_sources_are_named_and_passed_on_by_tasks_that_make_nothing(server: FakeServer) -> None:
    @flow
    def shop() -> None:
        report(cleaned(orders()))

    shop()

    assert summary(server)[1:] == [
        ("referenced", "s3://shop/prices"),
        ("referenced", "s3://shop/orders"),
        ("succeeded", "s3://shop/report"),
    ]
    assert in_role(told(server)[-1], "asset") == ["s3://shop/prices", "s3://shop/orders"]


def test_futures_pass_assets_on(server: FakeServer) -> None:
    @flow
    def shop() -> None:
        report.submit(orders.submit()).wait()

    shop()

    assert ("referenced", "s3://shop/orders") in summary(server)


def test_a_failed_run_tells_so_once_for_all_its_tries(server: FakeServer) -> None:
    report.with_options(retries=1)(-1, return_state=True)
    assert summary(server) == [("referenced", "s3://shop/prices"), ("failed", "s3://shop/report")]


def test_a_cached_run_made_nothing(server: FakeServer) -> None:
    cached = report.with_options(cache_policy=INPUTS, persist_result=True)
    cached(1)
    before = len(told(server))
    assert cached(1, return_state=True).name == "Cached"
    assert len(told(server)) == before == 2


def test_other_options_keep_the_assets() -> None:
    changed = orders.with_options(name="again")
    assert isinstance(changed, MaterializingTask)
    assert (changed.name, changed.assets, changed.materialized_by) == ("again", (ORDERS,), "dbt")


def test_metadata_are_of_the_own_assets_of_a_run(server: FakeServer) -> None:
    @materialize("s3://shop/x")
    def make() -> None:
        with pytest.raises(ValueError, match="s3://shop/orders"):
            ORDERS.add_metadata({"a": 1})

    make()
    with pytest.raises(MissingContextError):
        ORDERS.add_metadata({"a": 1})


@pytest.mark.parametrize("key", ["x", "S3://x", "s3:/x", "s3://a b", "s3://x?y", "s3://x%20", "s3://" + "x" * 508])
def test_a_key_is_a_uri(key: str) -> None:
    with pytest.raises(ValidationError):
        Asset(key=key)


def test_materialize_needs_assets() -> None:
    with pytest.raises(TypeError, match="needs the assets"):
        materialize()
