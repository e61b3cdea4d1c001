"""Workloads against this project's server and against the reference server, side by side: `make bench`."""
