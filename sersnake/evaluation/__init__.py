"""Whether a difference between two systems is more than chance, and what the paper's value says."""
