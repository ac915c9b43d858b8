"""Item models: columns in, rows on screen out."""
