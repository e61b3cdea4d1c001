"""Ostinato: turn Python functions into observed, retried, scheduled runs."""
