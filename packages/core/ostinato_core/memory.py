"""What long-lived processes tell the garbage collector and the allocator."""

import ctypes
import gc


def settle() -> None:
    """Spare the collector what was made until now, which lives as long as the process, and let it come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def give_back() -> None:
    """Give the pages that nothing is on back to the system, where the C library can: some milliseconds, any thread."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
