"""How the schedules of a request are put together with those that a deployment has (behaviour.md, section 13.2)."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ostinato_core.deployments.errors import DeploymentInvalid
from ostinato_wire.deployments import DeploymentScheduleCreate, DeploymentScheduleUpdate

K = TypeVar("K")

Update = DeploymentScheduleUpdate


def merges(slugs: Sequence[str | None], given: Sequence[Update]) -> bool:
    """Whether given schedules change those of these slugs, rather than take their place.

    Errors: DeploymentInvalid where it cannot be told which of the given ones is which.
    """
    if not slugs or not all(slugs):
        return False
    if not all(each.slug for each in given):
        raise DeploymentInvalid(
            "Please provide a slug for each schedule in your request to ensure schedules are updated correctly."
        )
    return True


def merged(
    known: Mapping[str, K], given: Sequence[Update]
) -> tuple[list[tuple[K, Update]], list[DeploymentScheduleCreate]]:
    """Return which of the known schedules, by slug, change and how, and which are new. Errors: DeploymentInvalid."""
    _check_renames(known, given)
    changed: list[tuple[K, Update]] = []
    new: list[DeploymentScheduleCreate] = []
    for each in given:
        slug = each.replaces if each.replaces in known else each.slug
        if slug is not None and slug in known:
            changed.append((known[slug], each))
        else:
            new.append(as_new(each))
    return changed, new


def as_new(given: Update) -> DeploymentScheduleCreate:
    """Return a schedule to be made. Errors: DeploymentInvalid where it does not say when."""
    if given.schedule is None:
        raise DeploymentInvalid("Unable to create new deployment schedules without a schedule configuration.")
    return DeploymentScheduleCreate(
        schedule=given.schedule,
        active=True if given.active is None else given.active,
        max_scheduled_runs=given.max_scheduled_runs,
        parameters=given.parameters,
        slug=given.slug,
        catchup=given.catchup,
        max_late_seconds=given.max_late_seconds,
    )


def _check_renames(known: Mapping[str, object], given: Sequence[Update]) -> None:
    replaced: set[str] = set()
    for each in given:
        old = each.replaces
        if old is None:
            continue
        if old in replaced:
            raise DeploymentInvalid(f"Multiple schedules have 'replaces' targeting the same slug: {old}")
        replaced.add(old)
        if old in known and each.slug != old and each.slug in known:
            raise DeploymentInvalid(
                f"Cannot rename schedule from '{old}' to '{each.slug}': a schedule with slug '{each.slug}' already "
                "exists."
            )
