"""The trading engine: decides, fills, records. It knows nothing of any window."""
