"""The wire's models at the paths where flows import them from; they are defined in `ostinato_wire`."""
