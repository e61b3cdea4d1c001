"""States: the histories of flow runs and task runs."""
