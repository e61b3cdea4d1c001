"""Flows: what a decorated function is called on the server."""
