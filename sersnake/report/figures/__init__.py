"""The figures, one kind per file."""
