"""The database: types, tables, dialects and connections."""
