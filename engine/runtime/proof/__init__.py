"""Sessions run again from their own recordings, and held against what they were."""
