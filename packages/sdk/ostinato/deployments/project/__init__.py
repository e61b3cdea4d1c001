"""Projects: a folder with flows and a file, `ostinato.yaml`, that says how they are deployed (cli.md, section 4)."""
