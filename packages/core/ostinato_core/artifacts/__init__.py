"""Artifacts: what runs leave for people to see, and the latest one of each key."""
