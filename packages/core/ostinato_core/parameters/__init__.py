"""Parameters of runs: filled in from templates and variables (hydration), and checked against their schema."""
