"""The draft of a paper that every run writes."""
