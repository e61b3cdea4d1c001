"""The background worker for run state and limits."""
