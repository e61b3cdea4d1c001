"""The catalogue of block types: every entry is a schema that can be registered and filled in."""

from jsonschema import Draft7Validator

from ostinato_core.block_schemas.nesting import NestedSchema, find_definition, nested_schemas
from ostinato_core.block_types.catalogue import catalogue, catalogue_digest

BY_SLUG = {block.slug: block for block in catalogue()}


def test_the_system_s_own_types_are_protected() -> None:
    assert {block.slug for block in catalogue() if block.is_protected} == {"secret", "webhook", "local-file-system"}


def test_every_schema_is_one_and_nests_what_it_refers_to() -> None:
    assert len(BY_SLUG) == len(catalogue()) > 50
    for block in catalogue():
        Draft7Validator.check_schema(block.fields)
        for nested in nested_schemas(block.fields):
            found = find_definition(block.fields, NestedSchema(nested.slug, nested.checksum))
            assert found is not None
            assert found["block_type_slug"] == nested.slug
            assert nested.slug in BY_SLUG


def test_secrets_of_nested_blocks_are_secrets_of_those_that_nest_them() -> None:
    assert BY_SLUG["secret"].fields["secret_fields"] == ["value"]
    assert "credentials.aws_secret_access_key" in BY_SLUG["s3-bucket"].fields["secret_fields"]
    assert BY_SLUG["gcp-credentials"].fields["secret_fields"] == ["service_account_info.*"]


def test_required_and_default_are_read() -> None:
    fields = BY_SLUG["webhook"].fields
    assert fields["required"] == ["url"]
    assert fields["properties"]["method"] == {
        "title": "Method", "position": 0, "type": "string", "default": "POST",
        "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    }  # fmt: skip


def test_the_digest_stays_the_same() -> None:
    assert catalogue_digest() == catalogue_digest()
