"""Saved searches: filters that a person keeps under a name."""
