"""Task runs: one execution of a task each."""
