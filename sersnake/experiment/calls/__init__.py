"""Calls of the workflow: which of them were killed, and what those have left."""
