"""The filters that make links of what an event tells of."""

import pytest

from ostinato_core.parameters import template_filters
from ostinato_core.parameters.templates import render_template
from ostinato_core.settings import ServerSettings

RUN = "prefect.flow-run.364ea388-8572-4498-a404-532ad76bed1f"
EVENT = {
    "id": "01a2017c-3242-724f-b312-9bdba19f34b4",
    "occurred": "2026-11-22T04:20:46Z",
    "resource": {"prefect.resource.id": RUN},
}


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServerSettings.model_validate({"ui_url": "https://flows.example/"})
    monkeypatch.setattr(template_filters, "server_settings", lambda: settings)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ event | ui_url }}", f"https://flows.example/events/event/2026-11-22/{EVENT['id']}"),
        ("{{ event.resource | ui_url }}", f"https://flows.example/runs/flow-run/{RUN.split('.')[2]}"),
        ("{{ 'prefect.deployment.d/1' | ui_url }}", "https://flows.example/deployments/deployment/d%2F1"),
        ("{{ 'prefect.nothing.x' | ui_url }}", ""),
        ("{{ nothing | ui_url }}{{ 7 | ui_url }}", ""),
        ("{{ event | ui_resource_events_url }}", f"https://flows.example/events?resource={RUN}"),
        ("{{ nothing | ui_resource_events_url }}", ""),
        ("{{ ('see http://x/flow-run/' ~ id ~ '?tab=1') | flow_run_id }}", RUN.split(".")[2]),
        ("{{ nothing | flow_run_id }}", ""),
    ],
)
def test_table(source: str, expected: str) -> None:
    rendered = render_template(source, {"event": EVENT, "id": RUN.split(".")[2]})
    assert rendered == expected
