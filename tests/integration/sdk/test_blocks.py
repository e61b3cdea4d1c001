"""Blocks on a real server, which both SDKs share: what one saves, the other loads, changes and shows."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid4

from ostinato.blocks.core import Block
from ostinato.blocks.system import Secret
from ostinato.client import get_client
from ostinato.events.worker import drain_all
from ostinato.filesystems import LocalFileSystem
from ostinato_wire.events import EventFilter, EventResourceFilter
from tests.integration.sdk.conftest import Project
from tests.support import sample_blocks
from tests.support.sample_blocks import Described, Nested, NestedMany, Plain, Secrets, sample_secrets
from tests.support.server import REFERENCE_VENV

SAVE = """
from sample_blocks import *
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
plain, secrets = Plain(a=1), sample_secrets()
plain.save(f"plain-{KEY}")
secrets.save(f"secrets-{KEY}")
Nested(plain=plain).save(f"nested-{KEY}")
NestedMany(uni=Described(a=5), lst=[secrets], dct={"k": plain}, sec=secrets).save(f"many-{KEY}")
Secret(value={"token": [1]}).save(f"token-{KEY}")
LocalFileSystem(basepath="results").save(f"folder-{KEY}")
"""
LOAD = """
from sample_blocks import *
from prefect.blocks.system import Secret
from prefect.blocks.core import Block
from prefect.filesystems import LocalFileSystem
many = NestedMany.load(f"many-{KEY}")
found = {
    "nested": Nested.load(f"nested-{KEY}").plain.a,
    "kinds": [type(many.uni).__name__, type(many.lst[0]).__name__, type(many.dct["k"]).__name__],
    "secret": many.sec.login.password.get_secret_value(),
    "name": many.sec._block_document_name,
    "token": Secret.load(f"token-{KEY}").get(),
    "folder": str(Block.load(f"local-file-system/folder-{KEY}").basepath),
}
Plain(a=99).save(f"plain-{KEY}", overwrite=True)
print(json.dumps(found))
"""


def in_reference(project: Project, key: str, script: str) -> str:
    """Run a script with the reference's SDK; return what it printed."""
    python = REFERENCE_VENV / "bin" / "python"
    if not python.exists():
        pytest.skip("the reference's client is not installed (make test does)")
    support = str(Path(sample_blocks.__file__).parent)
    prelude = f"import json, sys\nimport prefect\nsys.path.append({support!r})\nKEY = {key!r}\n"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OSTINATO_")}
    environment |= {"PREFECT_API_URL": project.api_url, "PREFECT_HOME": str(project.folder), "SDK": "prefect"}
    ended = subprocess.run(
        [str(python), "-W", "ignore", "-c", prelude + script],
        capture_output=True, text=True, env=environment, cwd=project.folder, timeout=100, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def save(key: str) -> None:
    """Save what SAVE saves."""
    plain, secrets = Plain(a=1), sample_secrets()
    plain.save(f"plain-{key}")
    secrets.save(f"secrets-{key}")
    Nested(plain=plain).save(f"nested-{key}")
    NestedMany(uni=Described(a=5), lst=[secrets], dct={"k": plain}, sec=secrets).save(f"many-{key}")
    Secret(value={"token": [1]}).save(f"token-{key}")
    LocalFileSystem(basepath="results").save(f"folder-{key}")


def check_loaded(key: str) -> None:
    """Load all of that and look at it."""
    many = NestedMany.load(f"many-{key}")
    assert (type(many.uni), type(many.lst[0]), type(many.dct["k"])) == (Described, Secrets, Plain)
    assert many.sec.login.password.get_secret_value() == "inner"
    assert many.sec.b.get_secret_value() == b"bytes"
    assert many.sec.document().name == f"secrets-{key}"
    assert Nested.load(f"nested-{key}").plain.a == 1
    assert Secret.load(f"token-{key}").get() == {"token": [1]}
    folder = Block.load(f"local-file-system/folder-{key}")
    assert isinstance(folder, LocalFileSystem)
    assert folder.basepath == "results"


def test_blocks_are_saved_and_loaded(project: Project) -> None:
    key = str(uuid4())
    save(key)
    check_loaded(key)


def test_loading_a_block_is_told_by_an_event(project: Project) -> None:
    document_id = Plain(a=1).save(key := f"plain-{uuid4()}")
    Plain.load(key)
    assert drain_all(60) == 0
    resource = EventResourceFilter(id=[f"prefect.block-document.{document_id}"])
    with get_client(sync_client=True) as client:
        answer = client.read_events(EventFilter(resource=resource))
    slug = Plain.get_block_type_slug()
    (loaded,) = [event for event in answer.events if event.event == f"prefect.block.{slug}.loaded"]
    assert loaded.resource["prefect.resource.name"] == key
    assert [related["prefect.resource.id"] for related in loaded.related] == [f"prefect.block-type.{slug}"]


def test_blocks_of_the_reference_are_loaded(project: Project) -> None:
    key = str(uuid4())
    in_reference(project, key, SAVE)
    check_loaded(key)


def test_the_reference_loads_our_blocks_and_changes_them(project: Project) -> None:
    key = str(uuid4())
    save(key)
    found: dict[str, Any] = json.loads(in_reference(project, key, LOAD))  # Any: JSON
    assert found == {
        "nested": 1, "kinds": ["Described", "Secrets", "Plain"], "secret": "inner", "name": f"secrets-{key}",
        "token": {"token": [1]}, "folder": "results",
    }  # fmt: skip
    assert Nested.load(f"nested-{key}").plain.a == 99
    with get_client(sync_client=True) as client:  # one schema for both
        checksum = Plain.schema_checksum()
        schemas = [schema for schema in client.read_block_schemas() if schema.checksum == checksum]
        assert len(schemas) == 1


def test_a_name_is_taken_once(project: Project) -> None:
    name = f"taken-{uuid4()}"
    first = Plain(a=1).save(name)
    with pytest.raises(ValueError, match="overwrite=True"):
        Plain(a=2).save(name)
    assert Plain(a=2).save(name, overwrite=True) == first
    loaded = Plain.load(name)
    loaded.a = 3
    assert loaded.save(overwrite=True) == first
    assert Plain.load_from_ref({"block_document_id": str(first)}).a == 3
    assert Block.load_from_ref(f"plain/{name}").document().id == first
    Plain.delete(name)
    for missing in (lambda: Plain.load(name), lambda: Plain.delete(name), lambda: Plain.load_from_ref(first)):
        with pytest.raises(ValueError, match="There is no block"):
            missing()


def test_secrets_are_masked_by_the_server(project: Project) -> None:
    name = f"masked-{uuid4()}"
    sample_secrets().save(name)
    with get_client(sync_client=True) as client:
        shown = client.read_block_document_by_name(name, "secrets", include_secrets=False).data
    text = json.dumps(shown)
    for secret in ("outer", "more", "bytes", "inner", '"v"', '"one"', '"w"'):
        assert secret not in text


async def test_async_code_saves_and_loads(project: Project) -> None:
    name = f"async-{uuid4()}"
    block_id = await Plain(a=4).asave(name)
    assert (await Plain.aload(name)).a == 4
    assert (await Plain.aload_from_ref(block_id)).a == 4
    await Plain.aregister_type_and_schema()
    await Plain.adelete(name)
    with pytest.raises(ValueError, match="There is no block"):
        await Plain.aload(name)


async def test_the_plain_spelling_can_be_awaited_too(project: Project) -> None:
    name = f"either-{uuid4()}"
    saving: Any = Plain(a=4).save(name)  # Any: typed for sync code, an awaitable here
    await saving
    loading: Any = Plain.load(name)  # Any: as above
    assert (await loading).a == 4
