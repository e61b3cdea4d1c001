"""`@materialize`: a task that makes assets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar, Unpack

from ostinato.assets.definition import Asset, as_asset
from ostinato.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ostinato.tasks import TaskOptions

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

__all__ = ["MaterializingTask", "materialize"]


class MaterializingTask(Task[P, R_co], Generic[P, R_co]):
    """A task whose runs tell of the assets that they made, or failed to make; `materialized_by` is by which tool."""

    def __init__(
        self,
        fn: Callable[P, R_co],
        *,
        assets: Iterable[Asset | str],
        materialized_by: str | None = None,
        **options: Unpack[TaskOptions],
    ) -> None:
        super().__init__(fn, **options)
        self.assets = tuple(as_asset(asset) for asset in assets)
        self.materialized_by = materialized_by

    def _remade(self, options: TaskOptions) -> Task[P, R_co]:
        return type(self)(self.fn, assets=self.assets, materialized_by=self.materialized_by, **options)


def materialize(
    *assets: Asset | str, by: str | None = None, **options: Unpack[TaskOptions]
) -> Callable[[Callable[P, R]], MaterializingTask[P, R]]:
    """Make a task of a function that makes `assets`, given as themselves or by their keys: `@materialize("s3://b/x")`.

    `by` names the tool that does it, `options` are those of `@task`. When a run ended, events tell of each asset, and
    of those that it was made from: `asset_deps`, and what the tasks made whose results are its arguments. A run whose
    result was cached made nothing. Raises TypeError without assets.
    """
    if not assets or any(not isinstance(asset, (Asset, str)) for asset in assets):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without type checker
        raise TypeError('`materialize` needs the assets that the task makes: `@materialize("s3://bucket/key")`.')

    def decorate(function: Callable[P, R]) -> MaterializingTask[P, R]:
        return MaterializingTask(function, assets=assets, materialized_by=by, **options)

    return decorate
