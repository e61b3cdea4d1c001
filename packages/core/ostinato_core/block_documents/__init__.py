"""Block documents: stored configuration and credentials, sealed at rest, nested where they say so."""
