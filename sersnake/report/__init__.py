"""What people look at: tables, figures, atlas, paper, record."""
