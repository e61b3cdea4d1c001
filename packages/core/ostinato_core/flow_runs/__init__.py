"""Flow runs: one execution of a flow each."""
