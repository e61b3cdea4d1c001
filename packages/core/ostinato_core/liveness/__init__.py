"""Whether what should be running is: heartbeats of flow runs, and runs that a worker took and that never began."""
