"""Masking of secrets, and putting back what a client returned masked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.block_documents.secrets import MASK, mask, secret_paths, unmask

Data = dict[str, Any]  # Any: JSON
names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
data_sets = st.dictionaries(names, values, max_size=3)
paths = st.lists(st.lists(names | st.just("*"), min_size=1, max_size=3), max_size=3)


def masked(data: Data, *secret_fields: str) -> Data:
    return mask(data, secret_paths({"secret_fields": list(secret_fields)}))


@pytest.mark.parametrize(
    ("data", "path", "shown"),
    [
        ({"v": "s", "o": 1}, "v", {"v": MASK, "o": 1}),
        ({"v": ""}, "v", {"v": MASK}),
        ({"v": None}, "v", {"v": None}),
        ({"v": {"deep": 1}}, "v", {"v": MASK}),
        ({"x": {"y": {"z": 5, "o": 6}}}, "x.y.z", {"x": {"y": {"z": MASK, "o": 6}}}),
        ({"h": {"A": "1", "B": {"c": 2}, "L": [1]}}, "h.*", {"h": {"A": MASK, "B": {"c": MASK}, "L": MASK}}),
        ({"h": "text"}, "h.*", {"h": MASK}),
        ({"k": [{"p": 1, "q": 2}]}, "k.p", {"k": [{"p": MASK, "q": 2}]}),
        ({"o": 1}, "v.w", {"o": 1}),
        ({"v": 1}, "v.w", {"v": 1}),
    ],
)
def test_what_a_path_names_is_masked(data: Data, path: str, shown: Data) -> None:
    assert masked(data, path) == shown


def test_fields_without_paths_or_with_strange_ones_mask_nothing() -> None:
    assert secret_paths({}) == secret_paths({"secret_fields": "v"}) == secret_paths({"secret_fields": [1]}) == []


def test_a_new_value_stays_and_a_mask_that_stands_for_nothing_too() -> None:
    assert unmask({"v": "new", "w": MASK, "o": MASK}, {"v": "old", "o": "plain"}, [["v"], ["w"]]) == {
        "v": "new",
        "w": MASK,
        "o": MASK,
    }


@given(data_sets, paths)
def test_what_was_masked_comes_back_whole(data: Data, where: list[list[str]]) -> None:
    assert unmask(mask(data, where), data, where) == data


@given(data_sets, paths)
def test_masking_twice_is_masking_once(data: Data, where: list[list[str]]) -> None:
    once = mask(data, where)
    assert mask(once, where) == once


def test_the_signing_secret_of_a_webhook_is_one_whatever_schema_a_client_has_registered() -> None:
    paths = secret_paths({"secret_fields": ["url"], "block_type_slug": "webhook"})
    assert mask({"url": "u", "signing_secret": "s", "method": "PUT"}, paths) == {
        "url": MASK, "signing_secret": MASK, "method": "PUT",
    }  # fmt: skip
    assert secret_paths({"secret_fields": ["url"], "block_type_slug": "other"}) == [["url"]]
