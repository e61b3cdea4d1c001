"""Task runs that are executed outside of this process: what is sent there, and what comes back."""
