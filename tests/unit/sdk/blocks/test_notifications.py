"""What notification blocks send, and what they say of failures."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from aiohttp import web

from ostinato.blocks.notifications import (
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    MattermostWebhook,
    MicrosoftTeamsWebhook,
    NotificationError,
    OpsgenieWebhook,
    PagerDutyWebHook,
    SendgridEmail,
    SlackWebhook,
    TwilioSMS,
)
from ostinato.blocks.webhook import Webhook
from tests.support.stub_api import RecordingApi, StubServer, serving

# Any below: fields of blocks, typed as secrets, given as texts.


@pytest.fixture
def service() -> Generator[tuple[RecordingApi, StubServer]]:
    """A service that takes anything at /api/hooks/token."""
    api = RecordingApi({("POST", "/hooks/token"): {"ok": True}, ("PUT", "/hooks/token"): {"ok": True}})
    with serving(api) as server:
        yield api, server


def test_slack_and_teams_get_json(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    url: Any = f"{server.api_url}/hooks/token"
    SlackWebhook(url=url).notify("All done.", subject="Import")
    SlackWebhook(url=url).notify("All done.")
    MicrosoftTeamsWebhook(url=url).notify("All done.", subject="Import")
    slack, plain, teams = (taken.body for taken in api.taken)
    assert slack == {"text": "*Import*\nAll done."}
    assert plain == {"text": "All done."}
    card = teams["attachments"][0]["content"]
    assert [block["text"] for block in card["body"]] == ["Import", "All done."]


async def test_async_code_sends_too(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    url: Any = f"{server.api_url}/hooks/token"
    await SlackWebhook(url=url).anotify("All done.")
    assert api.taken[0].body == {"text": "All done."}


def test_mattermost_writes_to_each_channel(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    token: Any = "token"
    block = MattermostWebhook(
        hostname="127.0.0.1", port=server.port, token=token, path="/api/", channels=["a", "b"], botname="bot"
    )
    block.notify("All done.", subject="Import")
    assert [taken.body for taken in api.taken] == [
        {"text": "#### Import\nAll done.", "username": "bot", "channel": channel} for channel in ("a", "b")
    ]


def test_a_custom_webhook_fills_in_its_request(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    secrets: Any = {"key": "pass-phrase", "path": "token"}
    block = CustomWebhookNotificationBlock(
        name="mine", url=server.api_url + "/hooks/{{path}}", method="PUT", secrets=secrets,
        json_data={"text": "{{ subject }}: {{body}}", "from": ["{{name}}"]}, params={"k": "{{key}}"},
        headers={"X-Key": "{{key}}"},
    )  # fmt: skip
    block.notify("All done.", subject="Import")
    (taken,) = api.taken
    assert taken.body == {"text": "Import: All done.", "from": ["mine"]}
    assert (taken.method, taken.query, taken.headers["X-Key"]) == ("PUT", {"k": "pass-phrase"}, "pass-phrase")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"json_data": {"a": "{{nobody}}"}}, "nobody"),
        ({"json_data": {}, "form_data": {"a": "b"}}, "not both"),
    ],
)
def test_a_custom_webhook_that_cannot_work_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        CustomWebhookNotificationBlock(name="mine", url="https://example.com", **fields)


def refused() -> web.Response:
    return web.Response(status=403, text="invalid   token\n")


def test_a_refusal_is_a_warning_or_an_error_without_secrets(
    service: tuple[RecordingApi, StubServer], capsys: pytest.CaptureFixture[str]
) -> None:
    api, server = service
    api.answers[("POST", "/hooks/token")] = refused
    url: Any = f"{server.api_url}/hooks/token"
    block = SlackWebhook(url=url)
    block.notify("All done.")
    assert "127.0.0.1 refused it with status 403: invalid token" in capsys.readouterr().err
    with pytest.raises(NotificationError) as caught, block.raise_on_failure():
        block.notify("All done.")
    assert "hooks/token" not in str(caught.value)
    server.stop()
    with pytest.raises(NotificationError, match=r"could not be reached: ConnectError\."), block.raise_on_failure():
        block.notify("All done.")


def test_private_addresses_may_be_forbidden(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    url: Any = f"{server.api_url}/hooks/token"
    with pytest.raises(ValueError, match="private network"):
        SlackWebhook(url=url, allow_private_urls=False).notify("All done.")
    assert api.taken == []


async def test_a_webhook_calls_and_returns_the_answer(service: tuple[RecordingApi, StubServer]) -> None:
    api, server = service
    url: Any = f"{server.api_url}/hooks/token"
    headers: Any = {"X-Key": "pass-phrase"}
    answer = await Webhook(url=url, headers=headers).call({"a": 1})
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert (api.taken[0].body, api.taken[0].headers["X-Key"]) == ({"a": 1}, "pass-phrase")
    with pytest.raises(ValueError, match="private network"):
        await Webhook(url=url, allow_private_urls=False).call({})


def test_what_the_big_services_get() -> None:
    secret: Any = "pass-phrase"
    (discord,) = DiscordWebhook(webhook_id=secret, webhook_token=secret, botname="bot").messages("Text", "Title")
    assert discord.url == "https://discord.com/api/webhooks/pass-phrase/pass-phrase"
    assert discord.body["json"] == {"content": "**Title**\nText", "tts": False, "username": "bot"}
    assert "pass-phrase" not in repr(SendgridEmail(api_key=secret, sender_email="a@b", to_emails=["c@d"]))
    (mail,) = SendgridEmail(api_key=secret, sender_email="a@b.c", to_emails=["c@d.e", "f@g.h"]).messages("Text", None)
    assert mail.body["headers"] == {"Authorization": "Bearer pass-phrase"}
    assert [each["to"] for each in mail.body["json"]["personalizations"]] == [
        [{"email": "c@d.e"}],
        [{"email": "f@g.h"}],
    ]
    sms = TwilioSMS(account_sid="AC1", auth_token=secret, from_phone_number="1800", to_phone_numbers=["+49", "44"])
    first, second = sms.messages("Text", "Title")
    assert (first.body["data"], second.body["data"]["To"]) == (
        {"From": "+1800", "Body": "Title\nText", "To": "+49"},
        "+44",
    )
    assert first.body["auth"] == ("AC1", "pass-phrase")


def test_what_gets_people_out_of_bed() -> None:
    secret: Any = "pass-phrase"
    pager = PagerDutyWebHook(integration_key=secret, api_key=secret, notify_type="failure", region_name="eu", group="g")
    (incident,) = pager.messages("Text", "Title")
    assert incident.url == "https://events.eu.pagerduty.com/v2/enqueue"
    assert incident.body["json"] == {
        "routing_key": "pass-phrase",
        "event_action": "trigger",
        "payload": {
            "summary": "Title", "severity": "critical", "source": "Prefect", "component": "Notification",
            "custom_details": {"message": "Text"}, "group": "g",
        },
    }  # fmt: skip
    fields: dict[str, Any] = {"apikey": secret, "target_user": ["ada"], "target_team": ["ops"], "priority": 1}
    alerts = OpsgenieWebhook(**fields).messages("Text", None)
    assert [alert.body["json"]["responders"] for alert in alerts] == [
        [{"type": "user", "username": "ada"}],
        [{"type": "team", "name": "ops"}],
    ]
    (together,) = OpsgenieWebhook(**fields, batch=True).messages("Text", None)
    assert (len(together.body["json"]["responders"]), together.body["json"]["priority"]) == (2, "P1")
