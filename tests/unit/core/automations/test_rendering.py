"""What templates of actions make of an event; the reference gives the same, where it does not fail."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.automations.actions.errors import ActionFailed
from ostinato_core.automations.actions.rendering import render, render_parameters
from ostinato_core.automations.actions.views import EventView, LabelsView
from ostinato_core.parameters.hydration import HydrationContext, hydrate

EVENT = EventView(
    {
        "id": "47b6f001-3bc8-4ba7-82dd-50f9c33d254c",
        "occurred": "2026-11-22T20:34:42.198836+00:00",
        "received": "2026-11-22T20:34:42.202151Z",
        "event": "thing.happened",
        "resource": {"prefect.resource.id": "prefect.flow-run.1", "prefect.resource.name": "it", "foo": "bar"},
        "related": [
            {"prefect.resource.id": "prefect.flow.2", "prefect.resource.role": "flow", "prefect.resource.name": "f"}
        ],
        "payload": {"k": {"z": "zz"}, "trap": {"__prefect_kind": "workspace_variable", "variable_name": "secret"}},
        "follows": None,
    }
)
NAMES: dict[str, Any] = {  # Any: whatever templates may look at
    "event": EVENT,
    "labels": LabelsView({"foo": "bar", "a.b": "ab"}),
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "id": UUID(int=1),
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ event.id }}", "47b6f001-3bc8-4ba7-82dd-50f9c33d254c"),
        ("{{ event.occurred }}", "2026-11-22 20:34:42.198836+00:00"),
        ("{{ event.occurred.year }}", "2026"),
        ("{{ event.resource.id }} {{ event.resource.name }} {{ event.resource.foo }}", "prefect.flow-run.1 it bar"),
        ("{{ event.resource['prefect.resource.id'] }}", "prefect.flow-run.1"),
        ("{{ event.resource.prefect.resource.id }}", ""),
        ("{{ event.related[0].role }} {{ event.related[0].name }}", "flow f"),
        ("{{ event.resource_in_role.flow.name }} {{ event.resource_in_role['flow'].id }}", "f prefect.flow.2"),
        ("{{ event.resources_in_role['flow'] | length }} {{ event.involved_resources | length }}", "1 2"),
        ("{{ event.payload.k.z }}{{ event.payload.k.z.y }}", "zz"),
        ("{{ labels.foo }} {{ labels.a.b }} {{ labels['a.b'] }}{{ labels.a }}", "bar ab ab"),
        ("{{ nope }}{{ nope.x.y }}", ""),
        ("{{ [moment, id] | tojson }}", '["2026-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000001"]'),
        ("{{ labels | tojson }}", '{"a.b": "ab", "foo": "bar"}'),
    ],
)
def test_names_read_as_in_the_reference(template: str, text: str) -> None:
    assert render(template, NAMES) == text


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("{{ event.payload.k }}", {"z": "zz"}),
        (" {{ 3 }} ", 3),
        ("{{ 1 + 1 }}", 2),
        ("{{- [1, 'a'] -}}", [1, "a"]),
        ("{{ 3 }}{{ 4 }}", "34"),
        ("{% if true %}x{% endif %}", "x"),
        ("n {{ 3 }}", "n 3"),
        ("{{ nope }}", None),
        ("{{ event.occurred }}", "2026-11-22T20:34:42.198836Z"),
        ("{{ event.payload.k | tojson }}", '{"z": "zz"}'),
        (["{{ 3 }}", {"z": "{{ event.event }}"}], [3, {"z": "thing.happened"}]),
        ({"__prefect_kind": "jinja", "template": "{{ 3 }}"}, "3"),
        ({"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ 3 }}"}}, 3),
        ("plain", "plain"),
    ],
)
def test_a_parameter_that_is_one_expression_keeps_its_type(given: Any, made: Any) -> None:  # Any: JSON
    assert render_parameters({"x": given}, {}, NAMES) == {"x": made}


def test_what_an_event_holds_refers_to_no_variable() -> None:
    made = render_parameters({"x": "{{ event.payload.trap }}"}, {}, NAMES)
    assert hydrate(made, HydrationContext(variables={"secret": "hush"})) == {"x": EVENT["payload"]["trap"]}


def test_failures_tell_what_was_wrong() -> None:
    with pytest.raises(ActionFailed) as failed:
        render("{{ 1 / 0 }}", NAMES)
    assert failed.value.reason == "Template rendering failed: ZeroDivisionError('division by zero')"
    assert failed.value.details["template_source"] == "{{ 1 / 0 }}"
    with pytest.raises(ActionFailed, match="Unable to create flow run from deployment: Variable 'x' not found"):
        render_parameters({"x": {"__prefect_kind": "workspace_variable", "variable_name": "x"}}, {}, NAMES)
