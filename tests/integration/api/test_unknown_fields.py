"""Members that the server does not know are accepted, and named in a header (pain point 27)."""

from ostinato_core.ids import new_id
from tests.support.client import Api

HEADER = "X-Ostinato-Unknown-Fields"


async def test_unknown_members_are_named_with_their_paths(api: Api) -> None:
    answer = await api.post("/flows/", {"name": f"f-{new_id()}", "later": 1, "tags": [], "newer": {"a": 1}})
    assert answer.status == 201
    assert answer.headers[HEADER] == "later, newer"
    body = {"flow_id": answer.json["id"], "state": {"type": "PENDING", "state_details": {"shade": "blue"}}}
    run = await api.post("/flow_runs/", body)
    assert (run.status, run.headers[HEADER]) == (201, "state.state_details.shade")


async def test_members_of_lists_are_named_once(api: Api) -> None:
    line = {"name": "n", "level": 20, "message": "m", "timestamp": "2026-11-22T04:20:46Z", "color": "red"}
    answer = await api.post("/logs/", [line] * 50)
    assert (answer.status, answer.headers[HEADER]) == (201, "[].color")


async def test_a_request_that_is_all_known_has_no_such_header(api: Api) -> None:
    answer = await api.post("/flows/filter", {"flows": {"name": {"like_": "x"}}, "limit": 1})
    assert answer.status == 200
    assert HEADER not in answer.headers


async def test_query_parameters_are_named_too(api: Api) -> None:
    answer = await api.get("/flow_run_states/", flow_run_id=str(new_id()), depth="2")
    assert (answer.status, answer.headers[HEADER]) == (200, "depth")


async def test_what_is_wrong_is_told_and_not_what_is_unknown(api: Api) -> None:
    answer = await api.post("/flows/", {"name": 7, "later": 1})
    assert answer.status == 422
    assert [problem["loc"] for problem in answer.json["exception_detail"]] == [["body", "name"]]


async def test_the_header_is_bounded_and_printable(api: Api) -> None:
    unknown = {f"{number}\r\n, ü{'x' * 200}": 1 for number in range(60)}
    answer = await api.post("/flows/count", unknown)
    assert answer.status == 200
    value = answer.headers[HEADER]
    assert value.isascii()
    assert len(value) < 2000
    assert value.endswith(", ...")
