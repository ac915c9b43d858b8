"""Bots: each with its one task, and the paper account they share."""
