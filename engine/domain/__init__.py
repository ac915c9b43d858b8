"""Nouns of trading as frozen values."""
