"""Block types: the kinds of blocks, each of one class on the client's side."""
