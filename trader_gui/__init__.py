"""The window: panels that draw frozen snapshots and send commands down to the engine."""
