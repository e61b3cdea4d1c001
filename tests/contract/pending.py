"""Operations of the contract that the server does not serve yet: exactly these, which a test checks; the aim is none."""

from tests.contract.contract import Operation

PENDING: frozenset[Operation] = frozenset()
