"""The sweep on the page: its strip of progress, its map of cells, and what a set came to."""
