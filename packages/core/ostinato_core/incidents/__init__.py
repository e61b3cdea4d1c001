"""Incidents: that something is wrong, declared by people and by automations."""
