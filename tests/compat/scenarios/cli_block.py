"""`prefect block`: register from a file, ls, inspect, create (a link), type ls/inspect/delete, delete."""

from pathlib import Path

from _tools import api, cli, unique
from prefect.blocks.system import Secret

SOURCE = '''
from prefect.blocks.core import Block


class {name}(Block):
    """Made by a file."""

    host: str
'''

if __name__ == "__main__":
    name = "Filed" + unique("x").split("-")[1].upper().translate(str.maketrans("0123456789", "GHIJKLMNOP"))
    slug = name.lower()
    Path("filed.py").write_text(SOURCE.format(name=name))
    assert name in cli("block", "register", "--file", "filed.py")
    assert api("GET", f"/block_types/slug/{slug}")["name"] == name
    document = unique("token")
    Secret(value="hidden-value").save(document)
    assert document in cli("block", "ls")
    shown = cli("block", "inspect", f"secret/{document}")
    assert document in shown and "hidden-value" not in shown, shown
    assert slug in cli("block", "type", "ls")
    assert name in cli("block", "type", "inspect", slug)
    cli("block", "create", "secret")
    cli("--no-prompt", "block", "delete", f"secret/{document}")
    api("GET", f"/block_types/slug/secret/block_documents/name/{document}", status=(404,))
    cli("--no-prompt", "block", "type", "delete", slug)
    api("GET", f"/block_types/slug/{slug}", status=(404,))
