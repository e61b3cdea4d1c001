"""Locks on the keys of results, for transactions that are SERIALIZABLE."""
