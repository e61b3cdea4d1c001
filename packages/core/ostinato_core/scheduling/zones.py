"""Between wall clocks and UTC. A wall clock shows some times twice a year, and some never."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def zone_of(name: str | None) -> ZoneInfo:
    """Return the time zone of a name that the wire has checked; UTC for none."""
    return ZoneInfo(name or "UTC")


def wall_clock(time: datetime, zone: ZoneInfo) -> datetime:
    """Return what the wall clock of a zone shows at a time: a naive time."""
    return time.astimezone(zone).replace(tzinfo=None, fold=0)


def earlier_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """Return when the wall clock shows a naive time, in UTC: of two readings the earlier one.

    That holds for times that it shows twice, and for times that it leaves out.
    """
    return min(_readings(shown, zone))


def later_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """As `earlier_of`, of two readings the later one."""
    return max(_readings(shown, zone))


def _readings(shown: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
