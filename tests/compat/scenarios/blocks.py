"""Blocks: own types with secrets and nested blocks, built-in ones, masking, overwriting, deletion."""

from typing import Optional

from _tools import api, unique
from prefect import flow, task
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from pydantic import SecretStr

SECRET = "s3cr3t-passphrase"


class Credentials(Block):
    """Who connects."""

    user: str
    password: SecretStr


class Warehouse(Block):
    """Where the data is."""

    _block_type_name = "Compat Warehouse"
    _block_type_slug = "compat-warehouse"

    host: str
    port: Optional[int] = 5432
    credentials: Credentials

    def url(self):
        return f"{self.credentials.user}:{self.credentials.password.get_secret_value()}@{self.host}:{self.port}"


@task
def connect(name):
    return Warehouse.load(name).url()


@flow
def uses_blocks(name):
    return connect(name)


if __name__ == "__main__":
    name, inner = unique("main"), unique("inner")
    Credentials(user="ada", password=SECRET).save(inner)
    nested = Warehouse(host="db", credentials=Credentials.load(inner))
    nested_id = nested.save(name)
    assert uses_blocks(name) == f"ada:{SECRET}@db:5432"

    masked = api("GET", f"/block_types/slug/compat-warehouse/block_documents/name/{name}")
    assert masked["id"] == str(nested_id) and SECRET not in str(masked), masked
    open_ = api("GET", f"/block_documents/{nested_id}?include_secrets=true")
    assert open_["data"]["credentials"]["password"] == SECRET, open_
    (reference,) = open_["block_document_references"].values()
    assert reference["block_document"]["name"] == inner, reference

    changed = Warehouse.load(name)
    changed.port = 6432
    changed.save(name, overwrite=True)
    assert Warehouse.load(name).port == 6432
    Credentials(user="bob", password="other").save(inner, overwrite=True)
    assert Warehouse.load(name).url() == "bob:other@db:6432", "a nested block's change is not seen"

    secret = unique("token")
    Secret(value={"key": [1, 2]}).save(secret)
    assert Secret.load(secret).get() == {"key": [1, 2]}
    assert Block.load(f"secret/{secret}").get() == {"key": [1, 2]}
    text = unique("text")
    Secret(value=SECRET).save(text)
    listed = api("POST", "/block_documents/filter", {"block_documents": {"name": {"any_": [text]}}})
    assert len(listed) == 1 and SECRET not in str(listed), listed
    assert Secret.load(text).get() == SECRET

    try:
        Secret(value="x").save(secret)
    except ValueError as error:
        assert "already" in str(error), error
    else:
        raise AssertionError("a block was overwritten without overwrite")
    Secret.delete(secret)
    try:
        Secret.load(secret)
    except ValueError as error:
        assert secret in str(error), error
    else:
        raise AssertionError("a deleted block was loaded")
