"""The trading engine: decides, fills, records. It knows nothing of any window."""

from typing import Final

__version__: Final = "0.1.0"
"""The program's version, written beside every session; a test holds pyproject.toml against it."""
