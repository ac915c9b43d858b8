"""What the program says unasked: notices, faults, news of a restart, reports to copy."""
