"""What a rule is, when it applies, and what it may decide."""

from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeAlias

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, RunT
from ostinato_wire.base import Json
from ostinato_wire.states import ALL_STATES, TERMINAL_STATES, SetStateStatus, StateType

ANY_OR_NONE: frozenset[StateType | None] = ALL_STATES | {None}
"""Every type, and a run that has no state yet."""

NOT_FINAL = ALL_STATES - TERMINAL_STATES


@dataclass(frozen=True, slots=True)
class Edge:
    """The pairs of types at which a rule is asked; by default all. None in `from_` is a run without a state."""

    from_: Set[StateType | None] = ANY_OR_NONE
    to: Set[StateType] = ALL_STATES

    def joins(self, initial: StateType | None, proposed: StateType) -> bool:
        """Whether the pair is one of the edge's."""
        return initial in self.from_ and proposed in self.to


@dataclass(frozen=True, slots=True)
class Reject:
    """Write `state` in place of what was proposed, or nothing."""

    reason: str
    state: RunState | None = None

    status: ClassVar = SetStateStatus.REJECT

    def details(self) -> dict[str, Json]:
        """Return the details of the answer."""
        return {"type": "reject_details", "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Wait:
    """Write nothing; the client asks again after `delay_seconds` (whole seconds)."""

    delay_seconds: int
    reason: str

    status: ClassVar = SetStateStatus.WAIT
    state: ClassVar = None

    def details(self) -> dict[str, Json]:
        """Return the details of the answer."""
        return {"type": "wait_details", "delay_seconds": self.delay_seconds, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Abort:
    """Write nothing; the client stops."""

    reason: str

    status: ClassVar = SetStateStatus.ABORT
    state: ClassVar = None

    def details(self) -> dict[str, Json]:
        """Return the details of the answer."""
        return {"type": "abort_details", "reason": self.reason}


Decision: TypeAlias = Reject | Wait | Abort
"""What a rule may decide; a rule that has no objection returns None, and may have changed what is proposed."""


class BaseRule(Generic[RunT]):
    """One sentence about which states may follow which. Rules are shared by all requests and hold nothing of one."""

    edge: ClassVar[Edge] = Edge()

    async def before(self, change: Change[RunT], ports: Ports) -> Decision | None:
        """Decide, and change what is proposed or the run (both are copies) where the rule says so."""

    async def after(self, change: Change[RunT], ports: Ports) -> None:
        """Follow up when a state is going to be written: of the type proposed, or of this rule's own decision."""

    async def undo(self, change: Change[RunT], ports: Ports) -> None:
        """Take back what `before` changed or took: another rule decided otherwise, or a rule failed, maybe this one."""
