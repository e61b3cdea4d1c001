"""Inbound webhooks: what is kept of them, and what becomes of the requests that others send (cloud.md, "Webhooks")."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.client import Answer, Api
from tests.support.hooks import TEMPLATE, events_of, new_hook, send, signed
from tests.support.json import Json

BODY = orjson.dumps({"action": "paid", "number": 7})
SIGNED = [{"signature": "standard-webhooks"}, {"signature": "github"}]


async def test_a_webhook_is_made_found_changed_and_deleted(api: Api) -> None:
    made = await new_hook(api, description="d")
    path = f"/webhooks/{made['id']}"

    assert (made["enabled"], made["signature"], made["secret"], made["service_account_id"]) == (
        True,
        "none",
        None,
        None,
    )
    assert len(made["slug"]) >= 32
    assert (await api.get(path)).json == made

    changed = await api.request("PATCH", path, {"enabled": False, "name": "other", "template": "{}"})
    assert changed.json | {"updated": None} == made | {
        "enabled": False, "name": "other", "template": "{}", "updated": None,
    }  # fmt: skip
    assert (await api.put(path, {"enabled": True})).json["enabled"] is True

    assert (await api.delete(path)).status == 204
    gone = await api.get(path)
    assert (gone.status, gone.json) == (404, {"detail": "Webhook not found."})


async def test_webhooks_are_filtered_counted_and_sorted(api: Api) -> None:
    mark = uuid4().hex
    for letter, enabled in (("b", True), ("a", True), ("c", False)):
        await new_hook(api, name=f"{letter}-{mark}", enabled=enabled)
    named = {"name": {"like_": mark}}

    async def names(**body: Json) -> list[str]:
        return [found["name"][0] for found in (await api.post("/webhooks/filter", body)).json]

    assert await names(webhooks=named) == ["a", "b", "c"]
    assert await names(webhooks=named, sort="CREATED_DESC", limit=2) == ["c", "a"]
    assert await names(webhooks={**named, "enabled": {"eq_": True}}) == ["a", "b"]
    assert (await api.post("/webhooks/count", {"webhooks": named})).json == 3


async def test_each_change_is_told_by_an_event(api: Api) -> None:
    hook = await new_hook(api, signature="github")
    await api.request("PATCH", f"/webhooks/{hook['id']}", {"description": "d"})
    await api.post(f"/webhooks/{hook['id']}/rotate")
    await api.delete(f"/webhooks/{hook['id']}")

    told = await events_of(api, hook, "prefect-cloud.webhook.", count=4)

    assert [event["event"].rpartition(".")[2] for event in told] == ["created", "updated", "rotated", "deleted"]
    assert hook["secret"] not in str(told)
    assert hook["slug"] not in str(told)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"template": "{% for %}"}, "'template' is not a valid template"),
        ({"template": "x" * 65_537}, "at most 65536"),
        ({"secret": "0123456789abcdef"}, "'secret' is of no use without a signature"),
        ({"signature": "standard-webhooks", "secret": "whsec_no_base64_is_it"}, "and base64 if it begins with whsec_"),
        ({"signature": "standard-webhooks", "secret": "one secret, and another"}, "must hold no blank or comma"),
        ({"signature": "github", "secret": "short"}, "'secret' must have 16 characters"),
    ],
)
async def test_what_is_wrong_with_a_webhook_is_told_without_its_secret(api: Api, members: Json, told: str) -> None:
    answer = await api.post("/webhooks/", {"name": "n", "template": TEMPLATE} | members)

    assert answer.status == 422
    assert told in answer.body.decode()
    assert members.get("secret", "\0") not in answer.body.decode()


async def test_a_request_becomes_an_event(api: Api) -> None:
    hook = await new_hook(api)

    answer = await send(
        api,
        hook,
        {"action": "paid", "number": 7},
        headers={"Authorization": "Basic c2VjcmV0", "X-Gitlab-Token": "c2VjcmV0", "X-Shop": "corner"},
    )

    assert (answer.status, answer.body) == (204, b"")
    (event,) = await events_of(api, hook, "order.")
    assert (event["event"], event["resource"]) == ("order.paid", {"prefect.resource.id": "order.7"})
    assert event["related"] == [
        {
            "prefect.resource.id": f"prefect-cloud.webhook.{hook['id']}",
            "prefect.resource.name": hook["name"],
            "prefect.resource.role": "webhook",
        }
    ]
    payload = event["payload"]
    assert (payload["method"], payload["body"]) == ("POST", {"action": "paid", "number": 7})
    assert payload["headers"]["X-Shop"] == "corner"
    assert "c2VjcmV0" not in payload["headers"].values()


async def test_what_the_template_says_stands_before_the_defaults(api: Api) -> None:
    id_ = str(uuid4())
    template = orjson.dumps(
        {
            "event": "x.{{ headers['x-KIND'] }}", "id": id_, "occurred": "2026-11-20T00:00:00+02:00",
            "resource": {"prefect.resource.id": "r"}, "payload": {"m": "{{ method }}"},
            "related": [{"prefect.resource.id": "s", "prefect.resource.role": "shop"}],
        }
    ).decode()  # fmt: skip
    hook = await new_hook(api, template=template)

    for _ in range(2):
        assert (await send(api, hook, method="PUT", headers={"X-Kind": "k"})).status == 204

    (event,) = await events_of(api, hook, "x.")
    assert (event["id"], event["event"], event["payload"]) == (id_, "x.k", {"m": "PUT"})
    assert event["occurred"] == "2026-11-19T22:00:00Z"
    assert [each["prefect.resource.role"] for each in event["related"]] == ["shop", "webhook"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PATCH", "PUT", "POST", "OPTIONS", "REPORT"])
async def test_any_method_is_taken(api: Api, method: str) -> None:
    hook = await new_hook(api, template='{"event": "m.{{ method }}", "resource": {"prefect.resource.id": "r"}}')

    assert (await send(api, hook, method=method)).status == 204

    (event,) = await events_of(api, hook, "m.")
    assert (event["event"], event["payload"]["body"]) == (f"m.{method}", None)


@pytest.mark.parametrize(
    ("content_type", "body", "seen"),
    [
        ("application/json", b'{"a": [1]}', {"a": [1]}),
        ("application/vnd.api+json; charset=utf-8", b"[1]", [1]),
        ("text/plain", b'{"a": 1}', {"a": 1}),
        ("text/plain", "größer".encode(), "größer"),
        ("application/octet-stream", b"\xff\x00x", "\ufffdx"),
        ("application/x-www-form-urlencoded", b"a=1&b=x+y&b=z&c=", {"a": "1", "b": ["x y", "z"], "c": ""}),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n',
            {"a": "1"},
        ),
    ],
)
async def test_a_body_is_read_by_its_type(api: Api, content_type: str, body: bytes, seen: Json) -> None:
    hook = await new_hook(api, template='{"event": "b", "resource": {"prefect.resource.id": "r"}}')

    assert (await send(api, hook, body, headers={"Content-Type": content_type})).status == 204

    assert (await events_of(api, hook, "b"))[0]["payload"]["body"] == seen


@pytest.mark.parametrize(
    ("template", "body", "reason", "rendered"),
    [
        ("{{ body.x", b"", None, None),
        ('{"event": "{{ 1 / 0 }}"}', b"{}", "ZeroDivisionError", None),
        ("no json", b"{}", "does not render JSON", "no json"),
        ("[{{ body.a }}]", b'{"a": 1}', "does not render a JSON object", "[1]"),
        ('{"event": "x"}', b"{}", "resource: Field required", '{"event": "x"}'),
        ('{"event": "x", "resource": {}}', b"{}", "prefect.resource.id", '{"event": "x", "resource": {}}'),
        (TEMPLATE, b"{", "not the JSON that its type says", None),
        ('{"event": "x", "resource": {"prefect.resource.id": "{{ "ab" * 5000 }}"}}', b"{}", None, None),
    ],
)  # fmt: skip
async def test_a_failure_is_told_by_an_event(
    api: Api, template: str, body: bytes, reason: str | None, rendered: str | None
) -> None:
    made = await api.post("/webhooks/", {"name": "n", "template": template})
    if made.status == 422:
        assert "not a valid template" in made.body.decode()
        return

    answer = await send(api, made.json, body)

    if answer.status == 204:  # what one database stores may be too long for the index of the other
        return
    assert (answer.status, list(answer.json)) == (400, ["detail"])
    (event,) = await events_of(api, made.json, "prefect-cloud.webhook.failed")
    assert reason is None or reason in event["payload"]["reason"]
    assert rendered is None or event["payload"]["rendered"] == rendered


async def test_nobody_learns_which_slugs_there_are(api: Api) -> None:
    disabled = await new_hook(api, enabled=False)
    answers = [await send(api, hook, BODY) for hook in (disabled, {"slug": "x" * 32})]

    assert {answer.status for answer in answers} == {404}
    assert answers[0].body == answers[1].body


@pytest.mark.replicas
@pytest.mark.parametrize("members", SIGNED)
async def test_what_is_signed_is_taken_once(api: Api, members: Json) -> None:
    hook = await new_hook(api, **members)
    headers = signed(hook, BODY)

    answers = await asyncio.gather(*(send(api, hook, BODY, headers=headers) for _ in range(8)))

    assert {answer.status for answer in answers} == {204}
    await send(api, hook, b'{"action": "last", "number": 1}', headers=signed(hook, b'{"action": "last", "number": 1}'))
    told = await events_of(api, hook, "order.", count=2)
    assert [event["event"] for event in told] == ["order.paid", "order.last"]


async def test_another_delivery_id_does_not_make_a_replay_of_github_new(api: Api) -> None:
    hook = await new_hook(api, signature="github")
    headers = signed(hook, BODY)

    for delivery in ("1", "2"):
        assert (await send(api, hook, BODY, headers={**headers, "X-GitHub-Delivery": delivery})).status == 204

    last = b'{"action": "last", "number": 1}'
    await send(api, hook, last, headers=signed(hook, last))
    assert len(await events_of(api, hook, "order.", count=2)) == 2


@pytest.mark.parametrize("members", SIGNED)
@pytest.mark.parametrize("wrong", ["nothing", "other secret", "other body"])
async def test_what_is_not_signed_right_is_refused(api: Api, members: Json, wrong: str) -> None:
    hook, other = await new_hook(api, **members), await new_hook(api, **members)
    headers = {
        "nothing": {},
        "other secret": signed(other, BODY),
        "other body": signed(hook, BODY + b" "),
    }[wrong]

    assert (await send(api, hook, BODY, headers=headers)).status == 400

    (event,) = await events_of(api, hook, "prefect-cloud.webhook.failed")
    assert event["payload"]["rendered"] is None
    assert ("missing" if wrong == "nothing" else "signature fits") in event["payload"]["reason"]


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_time_out_of_the_window_is_refused(api: Api, minutes: int) -> None:
    hook = await new_hook(api, signature="standard-webhooks")
    headers = signed(hook, BODY, sent=datetime.now(UTC) + timedelta(minutes=minutes))

    assert (await send(api, hook, BODY, headers=headers)).status == 400

    (event,) = await events_of(api, hook, "prefect-cloud.webhook.failed")
    assert "more than 0:05:00 away from now" in event["payload"]["reason"]


@pytest.mark.replicas
@pytest.mark.parametrize("members", SIGNED)
async def test_a_rotation_may_overlap(api: Api, members: Json) -> None:
    hook = await new_hook(api, **members)
    path = f"/webhooks/{hook['id']}/rotate"
    fresh = (await api.post(path, {"secret": True, "old_expires_in_seconds": 3600})).json

    assert fresh["slug"] != hook["slug"]
    assert fresh["secret"] not in (None, hook["secret"])
    assert fresh["old_expires"] is not None
    for number, (at, by) in enumerate(((hook, hook), (hook, fresh), (fresh, hook), (fresh, fresh))):
        body = orjson.dumps({"action": "paid", "number": number})
        assert (await send(api, at, body, headers=signed(by, body))).status == 204

    newest = (await api.post(path, {"secret": True})).json
    for at, by, status in ((fresh, newest, 404), (newest, fresh, 400), (newest, newest, 204)):
        body = orjson.dumps({"action": "paid", "number": str(uuid4())})
        assert (await send(api, at, body, headers=signed(by, body))).status == status
    assert newest["old_expires"] is None


async def test_a_rotation_may_leave_the_slug_or_the_secret(api: Api) -> None:
    hook = await new_hook(api, signature="github")
    path = f"/webhooks/{hook['id']}/rotate"

    other_secret = (await api.post(path, {"slug": False, "secret": True})).json
    other_slug = (await api.post(path)).json

    assert (other_secret["slug"], other_slug["secret"]) == (hook["slug"], None)
    sender = {**other_slug, "secret": other_secret["secret"]}
    assert (await send(api, sender, BODY, headers=signed(sender, BODY))).status == 204
    assert (await send(api, sender, BODY + b" ", headers=signed(hook, BODY + b" "))).status == 400


async def test_a_secret_is_told_once_and_may_be_given(api: Api) -> None:
    given = "a secret of the sender's own"
    hook = await new_hook(api, signature="github", secret=given)

    assert hook["secret"] == given
    assert (await api.get(f"/webhooks/{hook['id']}")).json["secret"] is None
    assert (await send(api, hook, BODY, headers=signed(hook, BODY))).status == 204

    other = (await api.request("PATCH", f"/webhooks/{hook['id']}", {"signature": "standard-webhooks"})).json
    assert other["secret"].startswith("whsec_")
    assert (await send(api, other, BODY, headers=signed(other, BODY))).status == 204
    unsigned = (await api.request("PATCH", f"/webhooks/{hook['id']}", {"signature": "none"})).json
    assert (await send(api, unsigned, BODY)).status == 204


@pytest.mark.parametrize("mode", ["binary", "structured"])
async def test_a_cloud_event_is_taken_in_either_mode(api: Api, mode: str) -> None:
    hook = await new_hook(api, template="{{ body|from_cloud_event(headers) }}")
    attributes = {
        "specversion": "1.0", "type": "com.shop.order.paid", "source": f"/shops/{uuid4()}", "subject": "orders/7",
        "id": "A234-1234-1234", "time": "2026-11-20T17:31:00Z", "tenant": "größer",
    }  # fmt: skip
    if mode == "binary":
        quoted = {**attributes, "tenant": "gr%C3%B6%C3%9Fer"}
        headers = {f"ce-{name}": value for name, value in quoted.items()} | {"Content-Type": "application/json"}
        body: Json = {"total": 5}
    else:
        headers = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
        body = {**attributes, "data": {"total": 5}}

    for _ in range(2):
        assert (await send(api, hook, body, headers=headers)).status == 204

    (event,) = await events_of(api, hook, "com.shop")
    assert (event["event"], event["occurred"]) == ("com.shop.order.paid", "2026-11-20T17:31:00Z")
    assert event["resource"]["prefect.resource.id"] == "orders/7"
    assert event["resource"]["cloudevents.tenant"] == "größer"
    assert event["payload"] == {"data": {"total": 5}}


async def test_what_is_no_cloud_event_is_refused(api: Api) -> None:
    hook = await new_hook(api, template="{{ body|from_cloud_event(headers) }}")

    assert (await send(api, hook, {"a": 1}, headers={"ce-id": "1"})).status == 400

    (event,) = await events_of(api, hook, "prefect-cloud.webhook.failed")
    assert "lacks source, specversion, type" in event["payload"]["reason"]


async def test_event_grid_asks_first(api: Api) -> None:
    hook = await new_hook(api)
    question = [
        {
            "id": "2d1781af", "topic": "/subscriptions/x", "subject": "", "data": {"validationCode": "512d38b6"},
            "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": "2026-11-20T00:00:00Z",
        }
    ]  # fmt: skip
    validation = {"aeg-event-type": "SubscriptionValidation"}

    answer = await send(api, hook, question, headers=validation)
    by_cloud_events = await send(api, hook, method="OPTIONS", headers={"WebHook-Request-Origin": "grid.example"})
    malformed = await send(api, hook, [{"data": 1}], headers=validation)

    assert (answer.status, answer.json) == (200, {"validationResponse": "512d38b6"})
    assert (by_cloud_events.status, by_cloud_events.headers["WebHook-Allowed-Origin"]) == (200, "grid.example")
    assert malformed.status == 400


async def test_a_push_of_github_is_taken_as_github_sends_it(api: Api) -> None:
    template = """{
        "event": "github.{{ headers['X-GitHub-Event'] }}",
        "resource": {
            "prefect.resource.id": "github.repository.{{ body.repository.full_name }}",
            "prefect.resource.name": {{ body.repository.name | tojson }}
        },
        "related": [{% for commit in body.commits %}
            {"prefect.resource.id": "github.commit.{{ commit.id }}", "prefect.resource.role": "commit"}
            {{- "," if not loop.last }}
        {% endfor %}],
        "payload": {"pusher": {{ body.pusher | tojson }}}
    }"""
    hook = await new_hook(api, template=template, signature="github")
    body = orjson.dumps(
        {
            "ref": "refs/heads/main",
            "repository": {"name": 'a "quoted" name', "full_name": "octo/hello"},
            "commits": [{"id": "1" * 40, "message": "Mend"}, {"id": "2" * 40, "message": "Break"}],
            "pusher": {"name": "octocat", "email": None},
        }
    )
    headers = signed(hook, body) | {"X-GitHub-Event": "push", "Content-Type": "application/json", "User-Agent": "G/1"}

    assert (await send(api, hook, body, headers=headers)).status == 204

    (event,) = await events_of(api, hook, "github.")
    assert event["event"] == "github.push"
    assert event["resource"] == {
        "prefect.resource.id": "github.repository.octo/hello", "prefect.resource.name": 'a "quoted" name',
    }  # fmt: skip
    assert [each["prefect.resource.role"] for each in event["related"]] == ["commit", "commit", "webhook"]
    assert event["payload"] == {"pusher": {"name": "octocat", "email": None}}


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_a_body_has_a_bound(api: Api) -> None:
    hook = await new_hook(api)

    assert (await send(api, hook, b" " * (1024 * 1024 + 1))).status == 413


async def test_each_webhook_has_its_own_rate(api: Api) -> None:
    hook, other = await new_hook(api, template="no event"), await new_hook(api)

    # A bucket holds the requests of a minute, and each process may have its own.
    answers: list[Answer] = []
    while all(answer.status == 400 for answer in answers) and len(answers) < 4000:
        answers += await asyncio.gather(*(send(api, hook) for _ in range(32)))

    refused = next(answer for answer in answers if answer.status != 400)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert (await send(api, other, BODY)).status == 204


async def test_a_trial_records_nothing(api: Api) -> None:
    trial = {"template": TEMPLATE, "headers": {"Content-Type": "application/json"}, "body": BODY.decode()}

    made = (await api.post("/webhooks/render", trial)).json
    failed = (await api.post("/webhooks/render", {**trial, "template": '{"event": "{{ body.action }}"}'})).json

    assert (made["event"]["event"], made["error"]) == ("order.paid", None)
    assert made["rendered"] == '{"event": "order.paid", "resource": {"prefect.resource.id": "order.7"}}'
    assert (failed["event"], failed["rendered"]) == (None, '{"event": "paid"}')
    assert "resource: Field required" in failed["error"]


BODIES = st.one_of(
    st.binary(max_size=300),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode()),
    st.integers(1, 5000).map(lambda depth: b"[" * depth + b"]" * depth),
)
TYPES = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", "",
     "multipart/form-data", "application/cloudevents+json"]
)  # fmt: skip
TEMPLATES = (
    TEMPLATE,
    "{{ body|from_cloud_event(headers) }}",
    '{"event": {{ body | tojson }}, "resource": {"prefect.resource.id": {{ body | tojson }}}}',
)


async def test_no_body_is_too_odd(api: Api) -> None:
    hooks = [await new_hook(api, template=template) for template in TEMPLATES]
    loop = asyncio.get_running_loop()

    @settings(max_examples=60)
    @given(st.sampled_from(hooks), BODIES, TYPES)
    def check(hook: Json, body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type}
        answer = asyncio.run_coroutine_threadsafe(send(api, hook, body, headers=headers), loop).result(30)
        assert answer.status in (204, 400, 429)

    await asyncio.to_thread(check)
