"""A worker that costs little: its runs are coroutines, but it says to the API what the reference worker says."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

from tests.integration.faults.journal import Journal
from tests.integration.faults.plan import Fate, Size, fate_of
from tests.integration.faults.stack import SILENT_FOR
from tests.integration.faults.wire import Refused, Wire, is_in
from tests.support.event_client import EventClient
from tests.support.json import Json
from tests.support.ports import wait_until

POLL_EVERY = 0.5
PREFETCH = timedelta(seconds=1)
BEAT_EVERY = 2.0
LIVES_EVERY = 3.0
LIMIT = 20
"""Runs that a worker takes and begins at the same moment: more would wait for one another on a busy machine."""


class LightWorker:
    """Takes runs of a pool and runs them, some of them badly: what becomes of a run is its fate."""

    def __init__(self, api_url: str, pool: str, name: str, size: Size, journal: Journal) -> None:
        self.name = name
        self._pool = pool
        self._size = size
        self._journal = journal
        self._wire = Wire(api_url, name)
        self._events = EventClient(api_url)
        self._sending = asyncio.Lock()
        self._random = Random(f"{size.seed} {name}")
        self._own: set[asyncio.Task[None]] = set()
        self._children: set[asyncio.Task[None]] = set()
        self._submitting: set[str] = set()
        self._beginning = 0

    def start(self) -> None:
        """Begin to poll and to give signs of life."""
        for work in (self._poll_for_ever(), self._live_for_ever()):
            self._keep(self._own, asyncio.create_task(work))

    async def die(self) -> None:
        """Drop everything at once, as SIGKILL would; the processes that it has started live on."""
        doomed = list(self._own)
        for task in doomed:
            task.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        self._submitting.clear()

    async def stop(self) -> None:
        """Stop all, and close the connections."""
        await self.die()
        for task in list(self._children):
            task.cancel()
        await asyncio.gather(*self._children, return_exceptions=True)
        await self._events.close()
        await self._wire.close()

    @property
    def repeated(self) -> int:
        """How often a request was sent again."""
        return self._wire.repeated

    def _keep(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._own.discard(task)
        self._children.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._journal.failures.append(f"{self.name}: {error!r}")

    async def _live_for_ever(self) -> None:
        while True:
            body = {"name": self.name, "heartbeat_interval_seconds": LIVES_EVERY}
            await self._wire.request("POST", f"/work_pools/{self._pool}/workers/heartbeat", body)
            await asyncio.sleep(LIVES_EVERY)

    async def _poll_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.7, 1.3) * POLL_EVERY)
            room = LIMIT - len(self._submitting) - self._beginning
            if room <= 0:
                continue
            before = (datetime.now(UTC) + PREFETCH).isoformat(sep=" ")
            asked: Json = {"work_queue_names": [], "scheduled_before": before, "limit": room}
            for each in await self._wire.request("POST", f"/work_pools/{self._pool}/get_scheduled_flow_runs", asked):
                run = each["flow_run"]
                if run["id"] not in self._submitting:
                    self._submitting.add(run["id"])
                    self._keep(self._own, asyncio.create_task(self._submit(run)))

    async def _submit(self, run: Json) -> None:
        """Take a run, and start a process for it."""
        try:
            if not is_in(await self._wire.propose(run["id"], "PENDING"), "PENDING"):
                return
            fate = self._fate_of(run)
            if fate is Fate.LOST:
                return
            answer = await self._wire.propose(run["id"], "PENDING", "Submitting")
            if answer["status"] == "ACCEPT" or is_in(answer, "PENDING"):
                self._keep(self._children, asyncio.create_task(self._execute(run, fate, answer["state"]["id"])))
        except Refused as refused:
            # The schedule was paused, and the run deleted, after the poll.
            if refused.status != 404 or not self._journal.paused:
                raise
        finally:
            self._submitting.discard(run["id"])

    def _fate_of(self, run: Json) -> Fate:
        """What goes wrong does so once: who takes the run again does better, and all fare well in the end."""
        if run["id"] in self._journal.fates:
            return Fate.WELL
        fate = Fate.WELL
        if not self._journal.calm:
            fate = fate_of(self._size, f"{run['deployment_id']} {run['expected_start_time']}")
        self._journal.fates[run["id"]] = fate
        return fate

    async def _execute(self, run: Json, fate: Fate, submitted: str) -> None:
        """What the process of a run does; `submitted` is the id of the state that its worker left it in."""
        if fate is Fate.STALLED:
            await self._taken_back(run["id"], submitted)
            await asyncio.sleep(self._random.uniform(0, 3))
        if not await self._begin(run["id"]):
            return
        began = self._journal.began(run, self.name)
        await self._beat(run)
        if fate is Fate.SILENT:
            self._journal.died(began)
            return
        if fate is Fate.LONG:
            for _ in range(int((SILENT_FOR + 4) / BEAT_EVERY)):
                await asyncio.sleep(BEAT_EVERY)
                await self._beat(run)
        else:
            await asyncio.sleep(self._random.uniform(0.05, 0.4))
        self._journal.ends(began)
        if not is_in(await self._wire.propose(run["id"], "COMPLETED"), "COMPLETED"):
            self._journal.not_ended.append(run["id"])

    async def _taken_back(self, run_id: str, submitted: str) -> None:
        """Wait until the run has been scheduled again; when that is told depends on who is being killed."""

        async def has_changed() -> bool:
            return (await self._wire.request("GET", f"/flow_runs/{run_id}"))["state"]["id"] != submitted

        what = f"run {run_id} being scheduled again"
        await wait_until(has_changed, seconds=self._size.drained_within, every=POLL_EVERY, what=what)

    async def _begin(self, run_id: str) -> bool:
        """Propose RUNNING, waiting for the run's time if need be; return whether it runs."""
        self._beginning += 1
        try:
            while True:
                answer = await self._wire.propose(run_id, "RUNNING")
                if answer["status"] != "WAIT":
                    return is_in(answer, "RUNNING")
                await asyncio.sleep(answer["details"]["delay_seconds"])
        finally:
            self._beginning -= 1

    async def _beat(self, run: Json) -> None:
        event: Json = {
            "id": str(uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run['id']}", "prefect.resource.name": run["name"]},
            "related": [],
            "payload": {},
        }
        async with self._sending:
            await self._events.send(event)
