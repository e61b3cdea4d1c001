"""What the fault test makes: two pools, a shared limit, and deployments with their schedules."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.integration.faults.plan import Planned, Size
from tests.support.client import Api
from tests.support.json import Json

PROGRAMS = Path(__file__).parents[1] / "compat" / "programs"
PENDING_REAL = 120
"""Seconds in which a run of the unmodified worker begins: its processes take some, and more on a busy machine."""


@dataclass
class Scene:
    """Names and ids of what was made."""

    light_pool: str
    real_pool: str
    shared_limit: str
    deployments: dict[str, Planned]
    """By their ids."""
    real: set[str]
    """Those of the unmodified worker."""

    def sharing(self) -> set[str]:
        """Return the deployments that share a limit."""
        return {id_ for id_, planned in self.deployments.items() if planned.shares_limit}


async def make_scene(api: Api, size: Size, planned: list[Planned], ticks: Path) -> Scene:
    """Make everything; `ticks` is where runs of the unmodified worker leave their mark."""
    light_pool = await _new_pool(api)
    real_pool = await _new_pool(api, pending_deadline_seconds=PENDING_REAL)
    limit = await api.created("/v2/concurrency_limits/", {"name": f"shared-{uuid4()}", "limit": size.shared_slots})
    scene = Scene(light_pool, real_pool, limit["name"], {}, set())
    light = (await api.created("/flows/", {"name": "light"}))["id"]
    real = (await api.created("/flows/", {"name": "tick"}))["id"]
    for each in planned:
        is_real = each.number >= size.deployments - size.real
        body: Json = {"name": each.name, "flow_id": light, "work_pool_name": scene.light_pool}
        body |= {"schedules": [{"schedule": each.schedule(), "active": True}]}
        if each.limit is not None:
            body |= {"concurrency_limit": each.limit, "concurrency_options": {"collision_strategy": "ENQUEUE"}}
        elif each.shares_limit:
            body |= {"global_concurrency_limit_id": limit["id"]}
        if is_real:
            step = {"prefect.deployments.steps.set_working_directory": {"directory": str(PROGRAMS)}}
            body |= {"flow_id": real, "work_pool_name": scene.real_pool, "entrypoint": "tick.py:tick"}
            body |= {"pull_steps": [step], "parameters": {"ticks": str(ticks)}, "enforce_parameter_schema": False}
            # An outage at the wrong moment is too much for its processes: they crash before they begin the run.
            body |= {"retry_on_crash": {"max": 5}}
        made = await api.created("/deployments/", body)
        scene.deployments[made["id"]] = each
        if is_real:
            scene.real.add(made["id"])
    return scene


async def _new_pool(api: Api, **members: Json) -> str:
    return (await api.created("/work_pools/", {"name": f"pool-{uuid4()}", "type": "process", **members}))["name"]
