"""Which months of a market are kept: read off the archive, put in words, drawn as a map."""
