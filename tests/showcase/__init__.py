"""A server that somebody might have at work, for the pictures of the documentation: names, states and a past."""
