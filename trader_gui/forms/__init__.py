"""Typed forms built from values."""
