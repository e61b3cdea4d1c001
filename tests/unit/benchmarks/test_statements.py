"""Statements are read from Postgres' log as they were sent, and copied for other runs."""

from benchmarks.parts.statements import Copies, Statement, about, in_log, reader, repeatable

WORKSPACE = "00000000-0000-7000-8000-000000000001"
FLOW = "01a204f6-9274-700b-a2d3-67f79198d2ed"
RUN = "01a204f6-9b02-70dd-b73e-f299f85ef425"
LOOP = "01a204f6-9b10-7068-b7c5-19ea2826f4e1"
LOG = f"""\
2026-11-22 20:33:20.129 UTC [57] LOG:  duration: 0.461 ms  bind __asyncpg_stmt_12b__: SELECT 1 WHERE $1
2026-11-22 20:33:20.129 UTC [57] DETAIL:  Parameters: $1 = 'bound, not executed'
2026-11-22 20:33:20.129 UTC [57] LOG:  duration: 0.017 ms  execute __asyncpg_stmt_12b__: SELECT loops
\tFROM deployments
\t LIMIT $1::INTEGER
2026-11-22 20:33:20.129 UTC [57] DETAIL:  Parameters: $1 = '100', $2 = '{WORKSPACE}', $3 = '{LOOP}'
2026-11-22 20:33:20.130 UTC [58] LOG:  duration: 0.027 ms  execute __asyncpg_stmt_113__: WITH first_write AS
\t(INSERT INTO flow_runs VALUES ($1, $2, $3, $4))
2026-11-22 20:33:20.130 UTC [58] DETAIL:  Parameters: $1 = '{RUN}', $2 = 'it''s
\ttwo lines, $3 = ''3''', $3 = NULL, $4 = '{{"id": "prefect.flow-run.{RUN}", "flow": "{FLOW}"}}'
"""
"""With a statement of the background loops among those of an operation."""


def test_statements_are_read_with_their_values() -> None:
    loops, written = in_log(LOG)
    assert loops.values == ("100", WORKSPACE, LOOP)
    assert not loops.writes
    assert written.sql.startswith("WITH first_write AS\n")
    details = f'{{"id": "prefect.flow-run.{RUN}", "flow": "{FLOW}"}}'
    assert written.values == (RUN, "it's\ntwo lines, $3 = '3'", None, details)
    assert written.writes


def test_what_is_not_about_the_flow_is_left_out() -> None:
    read = Statement("SELECT", (RUN, WORKSPACE))
    loops, written = in_log(LOG)
    assert about([loops, read, written, loops, read], {FLOW}, WORKSPACE) == [written, read]


def test_copies_have_ids_of_their_own_but_for_what_is_known() -> None:
    copies = Copies([Statement("a", (RUN, None)), Statement("b", (f"of.{RUN}", FLOW, WORKSPACE))], {FLOW, WORKSPACE})
    (new, nothing), (of_new, flow, workspace) = copies.next()
    assert new is not None
    assert new != RUN
    assert (of_new, nothing, flow, workspace) == (f"of.{new}", None, FLOW, WORKSPACE)
    assert copies.next()[0][0] not in (new, RUN)


def test_lists_are_read_item_by_item() -> None:
    assert reader("uuid[]")(f"{{{RUN},{FLOW}}}") == [RUN, FLOW]
    assert reader("int4[]")("{1,NULL}") == [1, None]
    [moment] = reader("timestamptz[]")('{"2026-11-22 20:33:20.129+00"}')
    assert moment.isoformat() == "2026-11-22T20:33:20.129000+00:00"
    assert reader("text[]")("{}") == []


def test_guarded_version_is_the_one_that_was_left() -> None:
    guarded = Statement("UPDATE a SET version=$2::BIGINT WHERE id = $1 AND version = $3::BIGINT", (RUN, "8", "7"))
    assert repeatable(guarded).values == (RUN, "8", "8")
    counted = Statement("UPDATE a SET version=(a.version + $1) WHERE a.id = $2", ("1", RUN))
    assert repeatable(counted) == counted


def test_a_statement_without_parameters_is_not_taken_for_the_beginning_of_the_next() -> None:
    log = (
        "2026-11-23 18:10:14.001 UTC [7] LOG:  duration: 0.1 ms  execute s1: SELECT enabled\n\tFROM maintenance\n"
        "2026-11-23 18:10:14.002 UTC [8] LOG:  duration: 0.1 ms  execute s2: SELECT a\n\tFROM b WHERE id = $1\n"
        "2026-11-23 18:10:14.002 UTC [8] DETAIL:  Parameters: $1 = '5'\n"
    )
    assert list(in_log(log)) == [Statement("SELECT a\n\tFROM b WHERE id = $1", ("5",))]
