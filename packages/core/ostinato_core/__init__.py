"""The server's brain: data, rules and operations; no HTTP, no SDK."""
