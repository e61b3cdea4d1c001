"""Maintenance mode: clients are told to wait, without limit, until it is over."""
