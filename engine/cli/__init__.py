"""`trader-engine`: the engine without a window."""
