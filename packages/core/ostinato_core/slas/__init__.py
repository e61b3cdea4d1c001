"""Service level agreements, and telling of the runs that violate them (decision 0034)."""
