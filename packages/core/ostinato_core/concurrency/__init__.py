"""Concurrency limits, their slots, and the leases by which slots are held."""
