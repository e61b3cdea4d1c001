"""The user guide: its examples run, and it is built without a warning."""
