"""A session while it runs: prepared, opened, recorded, charted, ended."""
