"""What waits: sessions, bots, backtests, and the engine that a window or a console talks to."""
