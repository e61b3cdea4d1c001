"""Limits that all processes share: hold slots while a block runs (`concurrency`), or pace calls (`rate_limit`)."""
