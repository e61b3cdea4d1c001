"""Deployments as a list shows them: without what only one of them is looked at for, and in folders by their tags."""

from sqlalchemy import ColumnElement, Text, and_, case, func, literal, select, true

from ostinato_core.db.tables import deployments
from ostinato_core.deployments import repository
from ostinato_core.deployments.schedules import schedules_of_many
from ostinato_core.filters.existence import deployments_where
from ostinato_core.filters.paging import page_json
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.deployment_lists import MOST_FOLDERS, SEPARATOR, DeploymentFoldersQuery
from ostinato_wire.deployments import DeploymentsPageQuery, DeploymentStatus

_DEPLOYMENT = deployments.c
_IS_IDLE = and_(_DEPLOYMENT.status == DeploymentStatus.NOT_READY.value, _DEPLOYMENT.paused.is_(False))
_LISTED_OF_SCHEDULE = ("id", "schedule", "active")


async def read_listed(tx: Transaction, query: DeploymentsPageQuery, limit: int) -> JsonDict:
    """Return a page of `limit` deployments that match, each with what a list shows of it."""
    rows = await repository.select_listed(tx, query, query.sort, limit, (query.page - 1) * limit)
    count = await repository.count_where(tx, query)
    schedules = await schedules_of_many(tx, [row["id"] for row in rows])
    listed = [
        {
            **row,
            "schedules": [{name: each[name] for name in _LISTED_OF_SCHEDULE} for each in schedules.get(row["id"], ())],
        }
        for row in rows
    ]
    return page_json(listed, count, limit, query.page)


async def read_folders(tx: Transaction, query: DeploymentFoldersQuery) -> list[JsonDict]:
    """Return the folders right below one, or those at the top, of the deployments that match; at most 500, by name."""
    above = "" if query.under is None else query.under + SEPARATOR
    members = tx.dialect.members_of(_DEPLOYMENT.tags)
    tag: ColumnElement[str] = members.c.value
    name = tx.dialect.before(func.substr(tag, len(above) + 1, type_=Text), SEPARATOR).label("name")
    is_below = func.substr(tag, 1, len(above)) == literal(above, Text)
    statement = (
        select(
            name,
            _how_many(true()).label("deployments"),
            _how_many(_IS_IDLE).label("not_ready"),
            _how_many(_DEPLOYMENT.paused.is_(True)).label("paused"),
        )
        .select_from(deployments.join(members, true()))
        .where(deployments_where(tx, query), is_below, name != "")
        .group_by(name)
        .order_by(name)
        .limit(MOST_FOLDERS)
    )
    return [{"path": above + row["name"], **row} for row in await tx.rows(statement)]


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Of those with several tags in the folder, each once."""
    return func.count(case((condition, _DEPLOYMENT.id)).distinct())
