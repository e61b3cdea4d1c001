"""The workers of background tasks: who is connected, and who gets which run."""
