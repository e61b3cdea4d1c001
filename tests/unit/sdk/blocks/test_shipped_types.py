"""The block types that a server knows from the start, loaded as the web UI's snippets say."""

import importlib

import pytest

from ostinato.blocks import registry
from ostinato_core.block_types.catalogue import CataloguedBlock, catalogue

OF_BOTH = [block for block in catalogue() if block.package == "prefect"]


def test_there_are_some() -> None:
    assert {"secret", "local-file-system", "slack-webhook"} <= {block.slug for block in OF_BOTH}


@pytest.mark.parametrize("block", OF_BOTH, ids=lambda block: block.slug)
def test_the_sdk_has_the_class_of_the_example_under_the_same_name(block: CataloguedBlock) -> None:
    words = block.code_example.split()
    module, name = words[words.index("from") + 1], words[words.index("import") + 1]
    own = getattr(importlib.import_module(module.replace("prefect", "ostinato", 1)), name)
    assert own.get_block_type_slug() == block.slug
    assert registry.class_of(block.slug) is own
