"""Automations over HTTP: making, changing, finding, their rules and their events (behaviour.md, section 19)."""

import pytest

from ostinato_core.ids import new_id
from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import new_flow, new_pool

EVENT: Json = {"type": "event", "posture": "Reactive", "expect": ["thing.happened"]}
ID = "364ea388-8572-4498-a404-532ad76bed1f"


def automation(**changed: Json) -> Json:
    return {"name": f"automation-{new_id()}", "trigger": EVENT, "actions": [{"type": "do-nothing"}]} | changed


async def test_an_automation_is_answered_with_all_its_members(api: Api) -> None:
    sent = automation(
        description="d", tags=["a"], owner_resource="prefect.deployment.x",
        trigger={
            "type": "compound", "require": "all", "within": "PT10S",
            "triggers": [
                {"posture": "Proactive", "match": {"a": ["b"]}, "match_related": [{"c": "d"}], "after": ["x", "x"]},
                {"type": "sequence", "within": None, "triggers": [EVENT]},
            ],
        },
        actions=[
            {"type": "run-deployment", "deployment_id": ID, "parameters": {"a": "{{ event.id }}"}, "schedule_after": 5},
            {"type": "call-webhook", "block_document_id": ID, "payload": {"a": 1}},
        ],
    )  # fmt: skip
    made = await api.created("/automations/", sent)
    trigger = made["trigger"]
    first, second = trigger["triggers"]
    assert {"within": trigger["within"], "require": trigger["require"]} == {"within": 10.0, "require": "all"}
    assert (first["type"], first["within"], first["after"], first["threshold"]) == ("event", 10.0, ["x"], 1)
    assert (second["type"], second["within"], second["triggers"][0]["expect"]) == ("sequence", None, ["thing.happened"])
    assert made["actions"] == [
        {
            "type": "run-deployment", "source": "selected", "deployment_id": ID, "job_variables": None,
            "parameters": {"a": "{{ event.id }}"}, "schedule_after": 5.0,
        },
        {"type": "call-webhook", "block_document_id": ID, "payload": '{\n  "a": 1\n}'},
    ]  # fmt: skip
    assert (made["description"], made["enabled"], made["tags"]) == ("d", True, ["a"])
    assert (made["actions_on_trigger"], made["actions_on_resolve"]) == ([], [])
    assert (await api.get(f"/automations/{made['id']}")).json == made


async def test_ids_of_triggers_are_always_fresh(api: Api) -> None:
    trigger = {"type": "compound", "require": 1, "within": 3, "id": ID, "triggers": [{**EVENT, "id": ID}]}
    made = await api.created("/automations/", automation(trigger=trigger))
    ids = {made["trigger"]["id"], made["trigger"]["triggers"][0]["id"]}
    assert ID not in ids
    answer = await api.request("PUT", f"/automations/{made['id']}", automation(trigger=made["trigger"]))
    assert answer.status == 204
    replaced = (await api.get(f"/automations/{made['id']}")).json["trigger"]
    assert ids.isdisjoint({replaced["id"], replaced["triggers"][0]["id"]})


async def test_every_kind_of_action_is_taken(api: Api) -> None:
    plain = ["do-nothing", "cancel-flow-run", "delete-flow-run", "suspend-flow-run", "resume-flow-run"]
    actions: list[Json] = [{"type": kind} for kind in plain]
    for noun in ("deployment", "work-pool", "work-queue", "automation"):
        for verb in ("pause", "resume"):
            member = f"{noun.replace('-', '_')}_id"
            actions += [{"type": f"{verb}-{noun}", member: ID}, {"type": f"{verb}-{noun}", "source": "inferred"}]
    actions += [
        {"type": "change-flow-run-state", "state": "FAILED", "name": "Bad", "message": "m", "force": True},
        {"type": "send-notification", "block_document_id": ID, "subject": "{{ event.id }}", "body": "b"},
        {"type": "call-webhook", "block_document_id": ID},
        {"type": "run-deployment", "source": "inferred"},
    ]
    made = await api.created("/automations/", automation(actions=actions, actions_on_trigger=actions[:1]))
    assert [each["type"] for each in made["actions"]] == [each["type"] for each in actions]


RUNNING: Json = {**EVENT, "expect": ["prefect.flow-run.Running"]}
RUN: Json = {"type": "run-deployment", "deployment_id": ID}
ONLY_RUNS: Json = {"prefect.resource.id": "prefect.flow-run.*"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"trigger": {"type": "event"}}, "Field required"),
        ({"trigger": {"type": "rhythm"}}, "does not match any of the expected tags"),
        ({"trigger": {**EVENT, "within": None}}, "`within` should be a valid timedelta"),
        ({"trigger": {**EVENT, "within": -1}}, "greater than or equal to 0 seconds"),
        ({"trigger": {**EVENT, "posture": "Proactive", "within": 3}}, "greater than or equal to 10 seconds"),
        ({"trigger": {"type": "compound", "within": 1, "require": 0, "triggers": [EVENT]}}, "require must be at least"),
        ({"trigger": {"type": "compound", "within": 1, "require": 2, "triggers": [EVENT]}}, "number of triggers"),
        ({"actions": [{"type": "dance"}]}, "does not match any of the expected tags"),
        ({"actions": [{"type": "run-deployment"}]}, "deployment_id is required"),
        ({"actions": [{**RUN, "source": "inferred"}]}, "deployment_id is not allowed"),
        ({"actions": [{"type": "pause-work-pool"}]}, "work_pool_id is required"),
        ({"actions": [{"type": "pause-work-queue"}]}, "work_queue_id is required"),
        ({"actions": [{"type": "resume-automation"}]}, "automation_id is required"),
        ({"actions": [{**RUN, "schedule_after": -1}]}, "schedule_after must be non-negative"),
        ({"actions": [{"type": "change-flow-run-state", "state": "X"}]}, "Input should be"),
        ({"actions": [{"type": "send-notification", "block_document_id": ID, "body": "{{"}]}, "'body' is not a valid"),
        ({"actions": [{"type": "call-webhook", "block_document_id": ID, "payload": "{%"}]}, "'payload' is not a valid"),
        ({"actions": [{**RUN, "parameters": {"a": ["{{ x"]}}]}, "actions[0].parameters.a[0]: Invalid jinja"),
        (
            {"actions": [{**RUN, "parameters": {"a": {"__prefect_kind": "json", "value": "{"}}}]},
            "actions[0].parameters.a: Invalid JSON",
        ),
        ({"trigger": RUNNING, "actions": [{"type": "run-deployment", "source": "inferred"}]}, "endless loop"),
        ({"trigger": RUNNING, "actions": [RUN]}, "endless loop"),
        (
            {
                "trigger": {**RUNNING, "match": ONLY_RUNS, "match_related": [{"a": "b"}, {}]},
                "actions_on_trigger": [RUN],
            },
            "endless loop",
        ),
    ],
)
async def test_what_is_not_valid_is_refused(api: Api, changed: Json, told: str) -> None:
    answer = await api.post("/automations/", automation(**changed))
    assert answer.status == 422, answer.body
    assert told in answer.body.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"trigger": {**RUNNING, "match_related": [{"prefect.resource.id": "prefect.flow.x"}]}, "actions": [RUN]},
        {"trigger": {**RUNNING, "match": {"prefect.resource.name": "a"}}, "actions": [RUN]},
        {"trigger": {**RUNNING, "posture": "Proactive"}, "actions": [RUN]},
        {"trigger": RUNNING, "actions": [RUN], "enabled": False},
    ],
)
async def test_a_run_that_cannot_feed_itself_is_allowed(api: Api, changed: Json) -> None:
    assert (await api.post("/automations/", automation(**changed))).status == 201


async def test_what_may_loop_cannot_be_enabled_later(api: Api) -> None:
    made = await api.created("/automations/", automation(trigger=RUNNING, actions=[RUN], enabled=False))
    answer = await api.request("PATCH", f"/automations/{made['id']}", {"enabled": True})
    assert answer.status == 422
    assert "endless loop" in answer.json["detail"]
    assert (await api.get(f"/automations/{made['id']}")).json["enabled"] is False


async def test_job_variables_need_a_deployment_that_exists(api: Api) -> None:
    answer = await api.post("/automations/", automation(actions=[{**RUN, "job_variables": {"a": 1}}]))
    assert (answer.status, answer.json) == (404, {"detail": "Deployment not found."})


async def deployment_in_pool(api: Api) -> str:
    """Make a deployment whose pool asks for an image and takes a number, return its id."""
    properties = {"image": {"type": "string"}, "n": {"type": "integer"}}
    variables = {"type": "object", "properties": properties, "required": ["image"]}
    template = {"job_configuration": {"command": "{{ image }}"}, "variables": variables}
    pool = await new_pool(api, base_job_template=template)
    body = {
        "name": "d",
        "flow_id": await new_flow(api),
        "work_pool_name": pool["name"],
        "job_variables": {"image": "x"},
    }
    return (await api.created("/deployments/", body))["id"]


NO_IMAGE = "Validation failed. Failure reason: 'image' is a required property"
WRONG_N = "Validation failed for field 'n'. Failure reason: 'a' is not valid under any of the given schemas"


JOB_VARIABLES: list[tuple[list[Json], list[str]]] = [
    ([{"image": "y", "n": 1}], []),
    ([{}], []),
    ([None], []),
    ([{"image": "y", "n": "a"}], [WRONG_N]),
    ([{"n": 1}], [NO_IMAGE]),
    ([{"n": 1}, {"image": "y"}, {"image": "y", "n": "a"}], [NO_IMAGE, WRONG_N]),
]


@pytest.mark.parametrize(("given", "problems"), JOB_VARIABLES)
async def test_job_variables_of_actions_fit_the_pool(api: Api, given: list[Json], problems: list[str]) -> None:
    deployment_id = await deployment_in_pool(api)
    actions = [{**RUN, "deployment_id": deployment_id, "job_variables": each} for each in given]
    made = await api.created("/automations/", automation())
    answers = [
        await api.post("/automations/", automation(actions=actions)),
        await api.request("PUT", f"/automations/{made['id']}", automation(actions=actions)),
    ]
    if not problems:
        assert [answer.status for answer in answers] == [201, 204]
        return
    for answer in answers:
        told = {"detail": f"Error creating automation: {' '.join(problems)}"}
        assert (answer.status, answer.json) == (422, told)


async def test_a_missing_deployment_goes_before_wrong_job_variables(api: Api) -> None:
    wrong = {**RUN, "deployment_id": await deployment_in_pool(api), "job_variables": {"n": "a"}}
    answer = await api.post("/automations/", automation(actions=[wrong, {**RUN, "job_variables": {"a": 1}}]))
    assert (answer.status, answer.json) == (404, {"detail": "Deployment not found."})


async def test_job_variables_are_free_without_a_pool_and_in_actions_on_trigger(api: Api) -> None:
    alone = await api.created("/deployments/", {"name": "d", "flow_id": await new_flow(api)})
    free = {**RUN, "deployment_id": alone["id"], "job_variables": {"n": "a"}}
    late = {**RUN, "deployment_id": await deployment_in_pool(api), "job_variables": {"n": "a"}}
    sent = automation(actions=[free], actions_on_trigger=[late], actions_on_resolve=[late])
    assert (await api.post("/automations/", sent)).status == 201


async def test_an_automation_is_disabled_and_enabled(api: Api) -> None:
    made = await api.created("/automations/", automation())
    for enabled in (False, True):
        assert (await api.request("PATCH", f"/automations/{made['id']}", {"enabled": enabled})).status == 204
        assert (await api.get(f"/automations/{made['id']}")).json["enabled"] is enabled


async def test_an_unknown_automation_is_said_so(api: Api) -> None:
    path = f"/automations/{new_id()}"
    answers = [
        await api.get(path),
        await api.request("PUT", path, automation()),
        await api.request("PATCH", path, {"enabled": True}),
        await api.request("DELETE", path),
    ]
    for answer in answers:
        assert (answer.status, answer.json) == (404, {"exception_message": "Automation not found"})


async def test_lists_are_filtered_sorted_and_counted(api: Api) -> None:
    tag = str(new_id())
    names = [f"{name}-{tag}" for name in ("b", "a", "c")]
    made = [await api.created("/automations/", automation(name=name, tags=[tag, name])) for name in names]
    where = {"automations": {"tags": {"all_": [tag]}}}

    async def found(**query: Json) -> list[str]:
        answer = await api.post("/automations/filter", where | query)
        return [each["name"] for each in answer.json]

    assert await found() == sorted(names)
    assert await found(sort="NAME_DESC") == sorted(names, reverse=True)
    assert await found(sort="CREATED_DESC") == names[::-1]
    await api.request("PATCH", f"/automations/{made[1]['id']}", {"enabled": False})
    assert (await found(sort="UPDATED_DESC"))[0] == names[1]
    assert await found(limit=1, offset=1) == sorted(names)[1:2]
    assert (await api.post("/automations/count", where)).json == 3
    alone: list[Json] = [
        {"id": {"any_": [made[0]["id"]]}},
        {"name": {"any_": [names[0]]}},
        {"tags": {"any_": [names[0]]}},
        {"operator": "or_", "name": {"any_": [names[0]]}, "id": {"any_": []}},
        {"created": {"before_": made[0]["created"]}, "tags": {"all_": [tag]}},
    ]
    for criteria in alone:
        answer = await api.post("/automations/filter", {"automations": criteria})
        assert [each["name"] for each in answer.json] == [names[0]], criteria


async def test_automations_are_found_and_deleted_by_their_resource(api: Api) -> None:
    deployment = str(new_id())
    resource = f"prefect.deployment.{deployment}"
    run = {**RUN, "deployment_id": deployment}
    owned = await api.created("/automations/", automation(name="owned", owner_resource=resource, actions=[run]))
    acting = await api.created("/automations/", automation(name="acting", actions=[run]))
    answer = await api.get(f"/automations/related-to/{resource}")
    assert answer.json == [acting, owned]
    assert (await api.request("PUT", f"/automations/{owned['id']}", automation(name="owned"))).status == 204
    assert (await api.request("PUT", f"/automations/{acting['id']}", automation(name="acting"))).status == 204
    answer = await api.get(f"/automations/related-to/{resource}")
    assert [each["id"] for each in answer.json] == [owned["id"]]
    answer = await api.request("DELETE", f"/automations/owned-by/{resource}")
    assert (answer.status, answer.json) == (202, None)
    assert (await api.get(f"/automations/{owned['id']}")).status == 404
    assert (await api.get(f"/automations/{acting['id']}")).status == 200


async def test_automations_are_found_by_what_they_own_name_and_act_on(api: Api) -> None:
    id_ = str(new_id())
    named = {"match_related": {"prefect.resource.id": f"prefect.deployment.{id_}"}}
    related = [
        automation(owner_resource=f"prefect.deployment.{id_}"),
        automation(trigger={"type": "sequence", "within": 5, "triggers": [EVENT, EVENT | named]}),
        automation(actions_on_resolve=[{"type": "resume-deployment", "deployment_id": id_}]),
    ]
    ids = {(await api.created("/automations/", each))["id"] for each in related}
    await api.created("/automations/", automation(actions=[{"type": "pause-deployment", "source": "inferred"}]))

    async def about(*objects: str) -> tuple[set[str], int]:
        where = {"automations": {"about": {"any_": list(objects)}}}
        found = (await api.post("/automations/filter", where)).json
        return {each["id"] for each in found}, (await api.post("/automations/count", where)).json

    assert await about(id_) == (ids, 3)
    assert await about() == (set(), 0)
    assert await about(str(new_id())) == (set(), 0)


async def test_every_change_is_told_by_an_event(api: Api) -> None:
    made = await api.created("/automations/", automation())
    path = f"/automations/{made['id']}"
    await api.request("PUT", path, automation(name="renamed"))
    await api.request("PATCH", path, {"enabled": False})
    await api.request("DELETE", path)
    resource = f"prefect.automation.{made['id']}"
    answer = await api.post("/events/filter", {"filter": {"resource": {"id": [resource]}, "order": "ASC"}})
    told = [(event["event"], event["resource"]["prefect.resource.name"]) for event in answer.json["events"]]
    assert told == [
        ("prefect.automation.created", made["name"]),
        ("prefect.automation.updated", "renamed"),
        ("prefect.automation.updated", "renamed"),
        ("prefect.automation.deleted", "renamed"),
    ]
    payloads = [event["payload"] for event in answer.json["events"]]
    assert payloads[0] == made
    assert [payload["enabled"] for payload in payloads] == [True, True, False, False]


@pytest.mark.parametrize("path", ["/templates/validate", "/automations/templates/validate"])
async def test_templates_are_checked(api: Api, path: str) -> None:
    for source in ("{{ a | upper }}", ""):
        assert (await api.post(path, source)).status == 204
    assert (await api.request("POST", path)).status == 204
    answer = await api.post(path, "a\n{{ x")
    assert answer.status == 422
    assert answer.json["error"]["line"] == 2
    assert answer.json["error"]["source"] == "a\n{{ x"
    deep = "{% for a in b %}" * 3 + "{% endfor %}" * 3
    assert (await api.post(path, deep)).json["error"]["line"] == 0


MAIL: Json = {"type": "send-email-notification", "emails": ["ops@example.com"], "body": "b"}
ALERTING: Json = {
    "group_by": "deployment",
    "group_within": 30.0,
    "quiet_hours": {"start": "22:00:00", "end": "07:00:00", "timezone": "Europe/Berlin", "days": ["monday"]},
    "digest": {"every": "day", "at": "08:00:00", "weekday": "monday", "timezone": "UTC"},
    "notify_resolved": True,
}


async def test_alerting_stays_where_a_client_that_does_not_know_it_replaces_the_automation(api: Api) -> None:
    sent = automation(actions=[{"type": "do-nothing"}, {**MAIL, "alerting": ALERTING}])
    made = await api.created("/automations/", sent)
    path = f"/automations/{made['id']}"
    assert made["actions"][1] == {**MAIL, "subject": "Prefect automated notification", "alerting": ALERTING}
    for replaced, expected in (
        ([{"type": "do-nothing"}, {**MAIL, "body": "c"}], ALERTING),
        ([{"type": "do-nothing"}, {**MAIL, "alerting": {"group_by": "flow"}}], "flow"),
        ([{"type": "do-nothing"}, {**MAIL, "alerting": None}], None),
        ([{"type": "do-nothing"}, MAIL], None),
    ):
        assert (await api.request("PUT", path, {**sent, "actions": replaced})).status == 204
        kept = (await api.get(path)).json["actions"][1].get("alerting")
        assert (kept["group_by"] if expected == "flow" else kept) == expected


async def test_actions_without_alerting_are_answered_as_ever(api: Api) -> None:
    made = await api.created("/automations/", automation(actions=[MAIL]))
    assert "alerting" not in made["actions"][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"emails": []}, {"emails": ["nobody"]}, {"emails": ["a@b.example\r\nBcc: c@d.example"]},
        {"emails": ["a@b.example"] * 101}, {"body": "{{ nobody"}, {"alerting": {"notify_resolved": True}},
    ],
)  # fmt: skip
async def test_mail_that_cannot_be_sent_is_refused(api: Api, wrong: Json) -> None:
    answer = await api.post("/automations/", automation(actions=[MAIL | wrong]))
    assert answer.status == 422


REFERENCE = {"User-Agent": "prefect/3.8.4 (API 0.8.4)"}


async def test_the_reference_client_sees_no_action_that_it_does_not_know_and_cannot_remove_it(api: Api) -> None:
    made = await api.created("/automations/", automation(actions=[MAIL, {"type": "do-nothing"}]))
    path = f"/automations/{made['id']}"
    shown = (await api.request("GET", path, headers=REFERENCE)).json
    assert shown["actions"] == [{"type": "do-nothing"}] * 2
    wanted = {"automations": {"name": {"any_": [made["name"]]}}}
    assert (await api.request("POST", "/automations/filter", wanted, headers=REFERENCE)).json == [shown]
    assert (await api.request("PUT", path, {**shown, "description": "new"}, headers=REFERENCE)).status == 204
    after = (await api.get(path)).json
    assert (after["actions"], after["description"]) == (made["actions"], "new")
    assert (await api.request("PUT", path, shown)).status == 204
    assert (await api.get(path)).json["actions"] == [{"type": "do-nothing"}] * 2
