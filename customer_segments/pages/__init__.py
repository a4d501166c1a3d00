"""Pages that people look at, written from published tables."""
