"""What long-lived processes tell the garbage collector once they have started."""

import gc


def settle() -> None:
    """Spare the collector what was made until now, which lives as long as the process, and let it come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
