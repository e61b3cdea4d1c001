"""Ostinato on other engines: each module needs an extra, `ostinato[dask]` or `ostinato[ray]`."""
