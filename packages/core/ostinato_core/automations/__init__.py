"""Automations: what is done when a trigger fires."""
