"""Encryption at rest: the keys, where they come from, and the check that they are the database's."""
