"""What workers are told to clean up, delivered at least once (websockets.md, section 7.5)."""
