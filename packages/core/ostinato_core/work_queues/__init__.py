"""Work queues: the lines of a work pool, in order of priority."""
