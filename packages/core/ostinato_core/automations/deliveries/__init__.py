"""Deliveries: each action of each firing is a stored row, done once, and kept with what became of it."""
