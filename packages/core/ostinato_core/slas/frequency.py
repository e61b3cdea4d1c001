"""When too long has passed between completed runs. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def judged(
    due: datetime | None, completed: Iterable[datetime], until: datetime, stale_after: timedelta
) -> tuple[datetime | None, list[datetime]]:
    """Return until when the next run must complete, and the deadlines that were missed up to `until`.

    `due` is until when one had to; None where that was missed and told, so that only the next completed run counts.
    `completed` are the times of completed runs up to `until`, in order.
    """
    missed: list[datetime] = []
    for moment in completed:
        if due is not None and moment > due:
            missed.append(due)
        due = moment + stale_after
    if due is not None and due <= until:
        missed.append(due)
        due = None
    return due, missed
