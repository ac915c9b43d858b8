"""Sweeps: many settings over one recording, planned, played in threads, stored."""
