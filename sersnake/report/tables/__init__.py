"""The tables, one per file: their cells, captions and notes."""
