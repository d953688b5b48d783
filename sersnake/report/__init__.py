"""The results for people: tables, figures, atlas, paper, record."""
