"""Inbound webhooks: requests of other systems that become events."""
