"""Backtests: planned, run in memory, stored in one piece."""
