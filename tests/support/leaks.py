"""What tests have left behind without closing it: processes, sockets, event loops."""

import gc
import warnings


def find_leaks() -> list[str]:
    """Let the garbage collector find what nobody holds any more, and return what it says of that."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    return [f"{warning.category.__name__}: {warning.message}" for warning in told]
