"""Messages by notification blocks: what is sent, and what is said of failures."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from aiohttp import web

from ostinato_core.block_types.catalogue import catalogue
from ostinato_core.clock import utc_now
from ostinato_core.outbound import Block, Outbound
from ostinato_wire.notifications import NOTIFICATION_BLOCKS
from ostinato_wire.webhook_signatures import verify
from tests.support.receiver import Receiver

SECRET = "s3cr3t-path"


def slack(receiver: Receiver, **members: Any) -> Block:  # Any: JSON
    return Block("slack-webhook", {"url": f"{receiver.url}/services/{SECRET}", **members})


def test_every_block_type_that_can_notify_has_a_sender() -> None:
    able = {block.slug for block in catalogue() if "notify" in block.capabilities}
    assert able == set(NOTIFICATION_BLOCKS)


async def test_a_message_arrives(receiver: Receiver, outbound: Outbound) -> None:
    outcome = await outbound.send_notification(slack(receiver), "Import", "It failed.")
    assert (outcome.delivered, outcome.is_final, outcome.details["status"]) == (True, True, 200)
    (taken,) = receiver.received
    assert taken.path == f"/services/{SECRET}"
    assert orjson.loads(taken.body) == {"text": "*Import*\nIt failed."}


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(400, True), (404, True), (408, False), (429, False), (500, False), (503, False), (302, True)],
)
async def test_what_is_refused_is_tried_again_where_that_helps(
    receiver: Receiver, outbound: Outbound, status: int, is_final: bool
) -> None:
    receiver.answers.append(web.Response(status=status, text="no", headers={"Retry-After": "17"}))
    outcome = await outbound.send_notification(slack(receiver), None, "It failed.")
    assert (outcome.delivered, outcome.is_final) == (False, is_final)
    assert outcome.details["retry_after"] == 17
    assert str(status) in str(outcome.reason)


async def test_no_secret_is_shown_even_if_the_service_repeats_it(receiver: Receiver, outbound: Outbound) -> None:
    url = f"{receiver.url}/services/{SECRET}"
    answer = web.Response(
        status=404, text=f"There is no {url}, said {SECRET}", headers={"Set-Cookie": "a=b", "X-Where": url}
    )
    receiver.answers.append(answer)
    outcome = await outbound.send_notification(slack(receiver), None, "It failed.")
    assert SECRET not in repr(outcome)
    assert outcome.details["body"] == "There is no ********, said ********"
    assert "Set-Cookie" not in outcome.details["headers"]
    assert SECRET not in repr(slack(receiver))


async def test_some_of_several_are_not_told_twice(receiver: Receiver, outbound: Outbound) -> None:
    port = int(receiver.url.rpartition(":")[2])
    block = Block(
        "mattermost-webhook", {"hostname": "127.0.0.1", "port": port, "token": SECRET, "channels": ["a", "b", "c"]}
    )
    receiver.answers += [web.Response(), web.Response(status=500), web.Response()]
    outcome = await outbound.send_notification(block, None, "It failed.")
    assert (outcome.delivered, outcome.is_final) == (False, True)
    assert outcome.reason == "1 of 3 were not told: 127.0.0.1 refused it with status 500."
    receiver.answers += [web.Response(status=500) for _ in range(3)]
    assert not (await outbound.send_notification(block, None, "It failed.")).is_final


async def test_a_block_may_not_reach_this_machine(receiver: Receiver, outbound: Outbound) -> None:
    outcome = await outbound.send_notification(slack(receiver, allow_private_urls=False), None, "It failed.")
    assert (outcome.delivered, outcome.is_final, receiver.received) == (False, True, [])


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (Block("my-pager", {}), "cannot send by a block of the type 'my-pager'; it can by custom-webhook, "),
        (Block("slack-webhook", {"url": None}), "look at its url."),
        (Block("twilio-sms", {"account_sid": "a", "to_phone_numbers": "1"}), "its auth_token, from_phone_number, to_"),
        (Block("sendgrid-email", {"api_key": "a", "sender_email": "a", "to_emails": 1}), "look at its to_emails."),
        (Block("twilio-sms", {"account_sid": "a", "auth_token": "b", "from_phone_number": "1", "to_phone_numbers": []}),
         "names nobody"),
    ],
)  # fmt: skip
async def test_blocks_that_cannot_be_used(outbound: Outbound, block: Block, reason: str) -> None:
    outcome = await outbound.send_notification(block, None, "It failed.")
    assert (outcome.delivered, outcome.is_final) == (False, True)
    assert reason in str(outcome.reason)


async def test_a_webhook_is_signed_by_each_of_its_secrets(receiver: Receiver, outbound: Outbound) -> None:
    delivery = uuid4()
    data = {"url": receiver.url, "signing_secret": "one two", "headers": {"X-Key": "k", "Webhook-Id": "forged"}}
    for _ in range(2):
        outcome = await outbound.call_webhook(Block("webhook", data), '{"a": 1}', delivery)
        assert outcome.delivered
    for taken in receiver.received:
        assert taken.headers["content-type"] == "application/json"
        assert taken.headers["x-key"] == "k"
        for secret in ("one", "two"):
            assert verify([secret], taken.headers, utc_now(), taken.body) == str(delivery)


async def test_a_webhook_without_a_secret_sends_text_unsigned(receiver: Receiver, outbound: Outbound) -> None:
    outcome = await outbound.call_webhook(Block("webhook", {"url": receiver.url, "method": "PUT"}), "hello", uuid4())
    (taken,) = receiver.received
    assert (taken.method, taken.body, taken.headers["content-type"]) == ("PUT", b"hello", "text/plain; charset=utf-8")
    assert "webhook-signature" not in taken.headers
    assert outcome.details["body"] == "ok"


async def test_only_webhooks_are_called(outbound: Outbound) -> None:
    outcome = await outbound.call_webhook(Block("slack-webhook", {}), "", uuid4())
    assert outcome.reason == "A block of the type 'slack-webhook' is not a webhook."
    outcome = await outbound.call_webhook(
        Block("webhook", {"url": "http://a", "signing_secret": "whsec_!"}), "", uuid4()
    )
    assert (outcome.is_final, outcome.reason) == (True, "A signing secret that begins with whsec_ goes on in base64.")
