"""Retention: what is kept for how long, and how the rest is deleted without holding anybody up."""
