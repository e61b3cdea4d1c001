"""The shapes of events and automations, at the paths where flows import them from."""
