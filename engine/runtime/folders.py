"""Where data lies when nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path


def default_data_dir() -> Path:
    """The user's own folder for this program's data."""
    return user_data_path("trader-gui", appauthor=False)
