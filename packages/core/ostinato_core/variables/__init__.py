"""Variables: named values that flows and deployments read."""
