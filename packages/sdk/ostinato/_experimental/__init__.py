"""Paths from which flows of the reference import what it calls experimental; here it is not."""
