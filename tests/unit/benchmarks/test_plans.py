"""What Postgres tells of its plans: which tables are read as a whole."""

from benchmarks.parts.plans import Looked, looked_at, plans_in, table

LOG = """2026-11-22 13:00:00.000 UTC [1] LOG:  duration: 0.010 ms  plan:
\t{
\t  "Query Text": "SELECT * FROM flow_runs",
\t  "Plan": {
\t    "Node Type": "Limit",
\t    "Plans": [
\t      {"Node Type": "Seq Scan", "Relation Name": "flow_runs"},
\t      {"Node Type": "Seq Scan", "Relation Name": "flows"}
\t    ]
\t  }
\t}
2026-11-22 13:00:00.000 UTC [1] LOG:  checkpoint starting: time
2026-11-22 13:00:00.001 UTC [1] LOG:  duration: 0.020 ms  plan:
\t{"Query Text": "SELECT 1", "Plan": {"Node Type": "Index Scan", "Relation Name": "task_runs"}}
"""


def test_plans_are_found_in_a_log() -> None:
    assert [plan["Node Type"] for plan in plans_in(LOG)] == ["Limit", "Index Scan"]


def test_only_large_tables_count_however_deep_the_scan_is() -> None:
    assert looked_at(plans_in(LOG), {"flow_runs", "task_runs"}) == Looked(2, {"flow_runs"})


def test_calls_that_read_a_whole_table_are_named_and_the_others_counted() -> None:
    found = {"count: all": Looked(1, {"flow_runs"}), "filter: newest": Looked(2), "paginate": Looked(3)}
    assert table(found, {"flow_runs"}).rows == [["count: all", "1", "flow_runs ✗"], ["2 other calls", "5", "none ✓"]]
