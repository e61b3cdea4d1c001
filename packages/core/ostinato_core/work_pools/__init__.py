"""Work pools: where workers find the runs that they are to start."""
