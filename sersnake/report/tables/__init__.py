"""The tables, one a file: which cells stand in them, and what their captions say."""
