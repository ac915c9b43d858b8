"""Panels: they take frozen snapshots and draw; they know nothing of the engine."""
