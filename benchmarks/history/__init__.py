"""A month of runs, written into a database in bulk, and what pages and the command line ask of it."""
