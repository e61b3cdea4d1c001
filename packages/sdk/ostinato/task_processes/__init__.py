"""Processes that execute task runs for the one that started them: `ProcessPoolTaskRunner`."""
