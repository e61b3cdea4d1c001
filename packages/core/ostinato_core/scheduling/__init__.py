"""When runs of a schedule are due: arithmetic of times and time zones, without a database."""
