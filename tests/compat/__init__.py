"""Compatibility: scenarios of real clients, each of several versions, against a server."""
