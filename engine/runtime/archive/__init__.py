"""Long work on the archive: candles brought in, from exchanges and from files."""
