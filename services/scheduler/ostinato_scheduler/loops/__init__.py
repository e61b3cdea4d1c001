"""The loops, one a file."""

from collections.abc import Sequence
from typing import Final

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Loop
from ostinato_scheduler.loops.analyze_tables import AnalyzeTables
from ostinato_scheduler.loops.cancellation_cleanup import FinishCancellations
from ostinato_scheduler.loops.cleanup_reconciler import ReconcileCleanups
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from ostinato_scheduler.loops.detect_dead_runs import DetectDeadRuns
from ostinato_scheduler.loops.enforce_retention import EnforceRetention
from ostinato_scheduler.loops.evaluate_metrics import EvaluateMetrics
from ostinato_scheduler.loops.evaluate_triggers import EvaluateTriggers
from ostinato_scheduler.loops.foreman import Foreman
from ostinato_scheduler.loops.late_runs import MarkLateRuns
from ostinato_scheduler.loops.make_partitions import MakePartitions
from ostinato_scheduler.loops.pause_expirations import ExpirePauses
from ostinato_scheduler.loops.redeliver_task_runs import RedeliverTaskRuns
from ostinato_scheduler.loops.repossessor import ReleaseExpiredLeases
from ostinato_scheduler.loops.reschedule_stranded_runs import RescheduleStrandedRuns
from ostinato_scheduler.loops.tell_resolved import TellResolved
from ostinato_scheduler.loops.watch_slas import WatchSlas
from ostinato_scheduler.loops.work_bulk_jobs import WorkBulkJobs

LOOPS: Final[Sequence[type[Loop]]] = (
    CreateScheduledRuns,
    DeliverActions,
    TellResolved,
    MarkLateRuns,
    DetectDeadRuns,
    RescheduleStrandedRuns,
    RedeliverTaskRuns,
    ExpirePauses,
    FinishCancellations,
    ReleaseExpiredLeases,
    Foreman,
    ReconcileCleanups,
    EvaluateTriggers,
    EvaluateMetrics,
    WatchSlas,
    WorkBulkJobs,
    EnforceRetention,
    MakePartitions,
    AnalyzeTables,
)
"""Every loop there is, in the order in which people read of them."""


def is_enabled(loop: type[Loop], settings: ServerSettings) -> bool:
    """Return whether the settings let a loop run."""
    return bool(getattr(settings, f"{loop.setting}_enabled"))


def enabled_loops(database: Database, settings: ServerSettings, loops: Sequence[type[Loop]] = LOOPS) -> Sequence[Loop]:
    """Return the loops that the settings let run, on a database."""
    return [loop(database, settings) for loop in loops if is_enabled(loop, settings)]
