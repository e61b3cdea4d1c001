"""Blocks on the way to a server and back, and what people see of their secrets."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from ostinato.blocks.core import Block, BlockNotSavedError, InvalidBlockRegistration
from ostinato.blocks.documents import document_data, from_document
from ostinato.blocks.system import Secret
from ostinato_wire.block_documents import BlockDocument
from ostinato_wire.block_types import BlockType
from tests.support.sample_blocks import Described, Nested, NestedMany, Plain, Secrets, sample_secrets

SECRETS = ("outer", "more", "bytes", "one", "inner")


def test_secrets_are_masked_wherever_they_are_shown() -> None:
    block = sample_secrets()
    for shown in (repr(block), str(block), str(block.model_dump()), block.model_dump_json()):
        assert not [secret for secret in SECRETS if f"'{secret}'" in shown or f'"{secret}"' in shown]


def test_a_server_gets_secrets_in_clear() -> None:
    login = {"user": "u", "password": "inner", "extra": {"q": 1}}
    assert document_data(sample_secrets()) == {
        "s": "outer", "o": "more", "b": "bytes", "d": {"k": "v"}, "od": None, "each": ["one"], "m": {"k": "w"},
        "login": login, "ologin": None, "logins": [login],
    }  # fmt: skip


def test_saved_blocks_become_references_in_fields_and_stay_whole_within_containers() -> None:
    saved, secrets = Plain(a=1), sample_secrets()
    ids = [uuid7(), uuid7()]
    saved.remember(ids[0], "plain-one", False)
    secrets.remember(ids[1], "sec-one", False)
    data = document_data(NestedMany(uni=Described(), dct={"k": saved}, lst=[secrets], sec=secrets, opt=saved))
    assert data["sec"] == {"$ref": {"block_document_id": str(ids[1])}}
    assert data["opt"] == {"$ref": {"block_document_id": str(ids[0])}}
    assert data["uni"] == {"a": 1, "block_type_slug": "described-x"}
    assert data["dct"]["k"] == {
        "a": 1, "b": "x", "c": None, "block_type_slug": "plain", "_block_document_id": str(ids[0]),
        "_block_document_name": "plain-one", "_is_anonymous": False,
    }  # fmt: skip
    assert data["lst"][0]["s"] == "outer"


def document(slug: str, data: dict[str, Any], **references: Any) -> BlockDocument:  # Any: JSON
    block_type = BlockType(id=uuid7(), created=None, updated=None, name=slug, slug=slug)
    return BlockDocument(
        id=uuid7(), created=None, updated=None, name="one", data=data, block_schema_id=uuid7(),
        block_type_id=block_type.id, block_type=block_type, block_document_references=references,
    )  # fmt: skip


def test_nested_blocks_know_their_documents() -> None:
    inner = {"id": str(uuid7()), "name": "inner", "is_anonymous": False, "block_type": {"slug": "plain"}}
    stored = document("nested", {"plain": {"a": 4}, "n": 2}, plain={"block_document": inner})
    block = from_document(Block, stored)
    assert isinstance(block, Nested)
    assert (block.plain.a, block.plain.document().name, str(block.plain.document().id)) == (4, "inner", inner["id"])
    assert block.document().name == "one"


def test_blocks_within_containers_get_their_classes_again() -> None:
    within = {"a": 3, "block_type_slug": "described-x"}
    secrets = {"s": "x", "login": {"user": "u", "password": "p"}}
    stored = document("nestedmany", {"uni": within, "sec": secrets, "dct": {"k": {"a": 7, "block_type_slug": "plain"}}})
    block = from_document(NestedMany, stored)
    assert isinstance(block.uni, Described)
    assert isinstance(block.dct["k"], Plain)
    assert isinstance(block.sec, Secrets)


def test_data_that_do_not_fit_are_refused_unless_told_otherwise() -> None:
    stored = document("plain", {"a": "no number"})
    with pytest.raises(ValidationError):
        from_document(Plain, stored)
    assert vars(from_document(Plain, stored, validate=False))["a"] == "no number"


def test_a_block_of_another_class_is_refused() -> None:
    with pytest.raises(TypeError, match="is a Plain, not a Described"):
        from_document(Described, document("plain", {"a": 1}))


@pytest.mark.parametrize(
    ("given", "got"), [("text", "text"), ('{"a": 1}', {"a": 1}), ("5", 5), ({"a": [1]}, {"a": [1]}), (None, None)]
)
def test_a_secret_is_a_text_or_json(given: Any, got: Any) -> None:  # Any: JSON
    secret = Secret(value=given)
    assert secret.get() == got
    assert from_document(Secret, document("secret", document_data(secret))).get() == got


def test_what_an_unsaved_block_cannot_do() -> None:
    with pytest.raises(BlockNotSavedError):
        Plain(a=1).get_block_placeholder()
    with pytest.raises(ValueError, match="needs a name"):
        Plain(a=1).save(_sync=True)
    with pytest.raises(InvalidBlockRegistration):
        Block.register_type_and_schema(_sync=True)
    with pytest.raises(ValueError, match="type-slug/name"):
        Block.load("noslash", _sync=True)
    with pytest.raises(ValueError, match="by its id or by"):
        Block.load_from_ref("no-id", _sync=True)


def test_a_saved_block_has_a_placeholder() -> None:
    block = Plain(a=1)
    block.remember(uuid7(), "mine", False)
    assert block.get_block_placeholder() == "prefect.blocks.plain.mine"


def test_a_block_prepares_itself_however_it_is_made() -> None:
    class Prepared(Block):
        a: int = 1

        def block_initialization(self) -> None:
            self.a += 10

    assert Prepared().a == 11
    assert from_document(Prepared, document("prepared", {"a": 2})).a == 12
    assert from_document(Prepared, document("prepared", {"a": 2}), validate=False).a == 12
