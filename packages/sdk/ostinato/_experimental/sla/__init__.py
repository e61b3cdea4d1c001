"""Service level agreements are in `ostinato.slas`."""
