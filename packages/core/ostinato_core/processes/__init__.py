"""The processes of one server: each is in a register of the database while it lives."""
