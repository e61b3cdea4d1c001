"""Triggers of deployments become automations."""

from typing import Any
from uuid import UUID

import pytest

from ostinato.deployments.triggers import automations_for
from ostinato_wire.triggers import EventTrigger, Posture

ID = UUID(int=7)


def one(trigger: object) -> dict[str, Any]:
    (made,) = automations_for([trigger], "nightly", ID)
    return made


def test_a_trigger_runs_the_deployment_that_owns_it() -> None:
    made = one({"expect": ["file.arrived"], "parameters": {"path": "{{ event.id }}"}, "schedule_after": 5})
    assert (made["name"], made["owner_resource"]) == ("nightly__automation_1", f"prefect.deployment.{ID}")
    assert made["trigger"]["expect"] == ["file.arrived"]
    assert made["trigger"]["posture"] == "Reactive"
    (action,) = made["actions"]
    assert (action["type"], action["deployment_id"], action["schedule_after"]) == ("run-deployment", str(ID), 5.0)
    assert action["parameters"] == {"path": "{{ event.id }}"}


def test_triggers_are_numbered_or_named() -> None:
    names = [made["name"] for made in automations_for([{}, {"name": "x", "enabled": False}, {}], "d", ID)]
    assert names == ["d__automation_1", "x", "d__automation_3"]
    assert not one({"name": "x", "enabled": False})["enabled"]


def test_several_triggers_in_one() -> None:
    made = one({"triggers": [{"expect": ["a"]}, {"expect": ["b"]}]})
    assert (made["trigger"]["type"], made["trigger"]["require"]) == ("compound", "all")
    assert [below["posture"] for below in made["trigger"]["triggers"]] == ["Reactive", "Reactive"]
    sequence = one({"type": "sequence", "triggers": [{"expect": ["a"]}], "within": 60})
    assert sequence["trigger"]["within"] == 60.0


def test_a_trigger_may_be_a_model() -> None:
    made = one(EventTrigger(expect=["a"], posture=Posture.REACTIVE, threshold=3))
    assert (made["trigger"]["threshold"], made["trigger"]["expect"]) == (3, ["a"])


def test_wrong_triggers_are_named() -> None:
    with pytest.raises(ValueError, match=r"The trigger 'x' is not valid: .*posture"):
        one({"name": "x", "posture": "Lazy"})
    with pytest.raises(TypeError, match="mapping or a model"):
        one("a")
