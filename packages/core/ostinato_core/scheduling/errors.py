"""What can be wrong with a schedule."""

from ostinato_core.errors import Invalid


class InvalidSchedule(Invalid):
    """A cron expression or a recurrence rule cannot be understood; the message says which and why."""
