"""Keeping people from being told too much: grouping with a counter, quiet hours, digests, and "resolved"."""
