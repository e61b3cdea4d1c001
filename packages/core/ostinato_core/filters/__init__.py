"""The filter language of the wire, compiled to SQL conditions."""
