"""What the program says of a session for other programs and in files."""
