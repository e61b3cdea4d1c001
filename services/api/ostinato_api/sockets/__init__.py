"""The websockets of the API."""
