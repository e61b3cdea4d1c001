"""The command line `ostinato`: one module per noun, imported only when its command is called."""
