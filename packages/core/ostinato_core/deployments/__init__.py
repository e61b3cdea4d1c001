"""Deployments: how, where, with what parameters and when a flow is run."""
