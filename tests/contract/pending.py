"""Operations of the contract that the server does not serve yet: exactly these (a test checks it); none is the aim."""

from tests.contract.contract import Operation

PENDING: frozenset[Operation] = frozenset()
