"""Bulk jobs: one change of all flow runs that match a filter."""
