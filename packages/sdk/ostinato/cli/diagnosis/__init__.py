"""What `ostinato doctor` looks at between this machine and the server, one family of checks a module."""
