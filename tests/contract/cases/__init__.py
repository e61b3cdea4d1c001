"""The table of the contract tests: every operation of the contract, by noun; and what listings have in common."""

from tests.contract.cases import automations, catalogue, deployments, limits, runs, work

CASES = [
    *runs.CASES,
    *deployments.CASES,
    *work.CASES,
    *limits.CASES,
    *catalogue.CASES,
    *automations.CASES,
]

CASE_OF = {case.operation: case for case in CASES}
"""Operation -> its case."""
