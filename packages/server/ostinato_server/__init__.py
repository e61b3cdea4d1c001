"""Ostinato in one process: API, background loops, migrations."""
