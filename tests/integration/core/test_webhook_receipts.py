"""What was received is remembered with its event or not at all, for as long as it could be sent again."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ostinato_core.db.tables import events, webhook_receipts
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.encryption.rotation import rotate_keys
from ostinato_core.events.log import LogEntry
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database, Transaction
from ostinato_core.webhooks import operations, receiving
from ostinato_core.webhooks.receiving import Receiver
from ostinato_core.webhooks.requests import Headers, HookRequest
from ostinato_core.webhooks.signatures import Windows, sign_as_github
from ostinato_wire.webhooks import WebhookCreate, WebhookSignature
from tests.support.clock import driven_clock
from tests.support.workspace import Workspace

KEYS = KeyRing([b"k" * 32])
TEMPLATE = '{"event": "x", "resource": {"prefect.resource.id": "{{ body.id }}"}}'
GITHUB = WebhookSignature.GITHUB


@pytest.fixture
async def hook(workspace: Workspace) -> JsonDict:
    """A webhook whose senders sign as GitHub does."""
    given = WebhookCreate(name="n", template=TEMPLATE, signature=GITHUB)
    return await workspace.write(operations.create_webhook, given, KEYS)


def receiver(database: Database, keys: KeyRing = KEYS) -> Receiver:
    return Receiver(database, keys, Windows(timedelta(minutes=5), timedelta(days=1)), 1_000_000)


async def receive(receiver: Receiver, hook: JsonDict, number: int) -> None:
    body = b'{"id": "%d"}' % number
    headers = sign_as_github(hook["secret"], body)
    request = HookRequest("POST", Headers([*headers.items(), ("content-type", "application/json")]), body)
    await receiver.receive(await receiver.find(hook["slug"]), request)


async def counts(workspace: Workspace) -> tuple[int, int]:
    """Return how many receipts there are, and how many events."""

    async def count(tx: Transaction) -> tuple[int, int]:
        receipts = select(func.count()).where(webhook_receipts.c.workspace_id == tx.workspace_id)
        told = select(func.count()).where(events.c.workspace_id == tx.workspace_id, events.c.event == "x")
        return await tx.value(receipts), await tx.value(told)

    return await workspace.read(count)


async def test_a_receipt_and_its_event_are_written_together(
    database: Database, workspace: Workspace, hook: JsonDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(tx: Transaction, entries: Sequence[LogEntry]) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "append", fail)
        with pytest.raises(RuntimeError, match="ends here"):
            await receive(receiver(database), hook, 1)
    assert await counts(workspace) == (0, 0)

    for _ in range(2):
        await receive(receiver(database), hook, 1)
    assert await counts(workspace) == (1, 1)


async def test_receipts_are_forgotten_when_they_are_past(
    database: Database, workspace: Workspace, hook: JsonDict
) -> None:
    with driven_clock() as clock:
        for number in range(3):
            await receive(receiver(database), hook, number)
        clock.forward(86_401)
        await receive(receiver(database), hook, 3)

    assert await counts(workspace) == (1, 4)


async def test_secrets_are_sealed_and_sealed_anew(database: Database, workspace: Workspace, hook: JsonDict) -> None:
    both = KeyRing([b"n" * 32, b"k" * 32])

    assert hook["secret"] not in str(await receiver(database).find(hook["slug"]))
    assert await rotate_keys(database, both) >= 1
    await receive(receiver(database, KeyRing([b"n" * 32])), hook, 1)

    assert await counts(workspace) == (1, 1)
