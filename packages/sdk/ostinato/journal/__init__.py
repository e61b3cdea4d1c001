"""The journal: what is on its way to the server, kept on disk until the server has it (docs/decisions/0022)."""
