"""Whether a difference between two arms is more than chance, and what the paper's value says."""
