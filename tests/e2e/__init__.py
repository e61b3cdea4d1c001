"""The real stack in Docker, through its proxy: `make e2e`."""
