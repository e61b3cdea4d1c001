"""Helpers for testing flows."""
