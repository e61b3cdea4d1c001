"""Whether a run may enter a proposed state: rules decide, and nothing here reads a database, a socket or a clock."""
