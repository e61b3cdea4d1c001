"""Block schemas: the fields of a block type in one of its versions."""
