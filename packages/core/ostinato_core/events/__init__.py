"""Events: taking them in, the log, its tail, filters and counts."""
