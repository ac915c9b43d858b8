"""Frozen domain values in and out; one module per thing that is kept."""
