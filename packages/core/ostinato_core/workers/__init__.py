"""Workers: the processes that start the runs of a work pool."""
