"""Stored sessions read back: their candles, their figures, their review."""
