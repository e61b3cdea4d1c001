"""Why a flow run does not run: what is read, what follows from it, and in which words it is told."""
