"""Every filter of every noun finds what it says, and no criterion of the contract is left out."""

import re

import pytest

from tests.contract.contract import DOCUMENT
from tests.contract.shapes import criteria, request_members
from tests.integration.api.filter_tables import TABLES, Made, Table
from tests.support.client import Api
from tests.support.json import Json, is_array, is_object

PLACEHOLDER = re.compile(r"\$(\w+)\.(\w+)")
LIMIT = 200


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.path} {table.member}")
async def test_table(api: Api, table: Table) -> None:
    made = await table.make(api)
    letters = {each["id"]: letter for letter, each in made.items() if len(letter) == 1}
    path = filled(table.path, made)
    for wanted, found in table.rows:
        body: Json = {table.member: filled(wanted, made), "limit": LIMIT}
        if table.member != "block_documents" and table.path == "/block_documents/filter":
            body["block_documents"] = {"is_anonymous": None}
        answer = await api.post(path, body)
        assert answer.status == 200, answer.body
        # Of the rest, which other tests made, nothing is said.
        told = sorted(letters[each["id"]] for each in answer.json if each["id"] in letters)
        assert "".join(told) == found, wanted


def test_no_criterion_is_left_out() -> None:
    for path, member in {(table.path, table.member) for table in TABLES}:
        normal = path.replace("$pool.name", "{work_pool_name}")
        asked = {
            criterion
            for table in TABLES
            if (table.path, table.member) == (path, member)
            for wanted, _ in table.rows
            for criterion in criteria(wanted, f".{member}")
        }
        operation = DOCUMENT["paths"][normal]["post"]
        known = {each for each in request_members(DOCUMENT, operation) if each.startswith(f".{member}.")}
        assert {each for each in known if "=" not in each and "[]" not in each} - asked == set(), path
        assert not any(each.endswith(".operator") for each in known) or any("=or_" in each for each in asked), path


def filled(value: Json, made: Made) -> Json:
    """Put members of what was made into a filter; a letter in capitals asks for the text in capitals."""
    if is_array(value):
        return [filled(each, made) for each in value]
    if is_object(value):
        return {name: filled(each, made) for name, each in value.items()}
    return PLACEHOLDER.sub(lambda found: member(made, *found.groups()), value) if isinstance(value, str) else value


def member(made: Made, name: str, key: str) -> str:
    """Return a member of one of the objects."""
    if name in made:
        return made[name][key]
    return made[name.lower()][key].upper()
