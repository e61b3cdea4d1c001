"""Metric triggers: what they measure of runs, and when that makes them fire and resolve (decision 0034)."""
