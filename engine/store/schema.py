"""The shape of the database: which revision a file has, and the way to the newest."""

from __future__ import annotations

import pkgutil
from functools import cache

from sqlalchemy import Connection

from engine.store.migrations import versions


@cache
def _revisions() -> tuple[str, ...]:
    """From the files' names (``0001_first_release``), oldest first.

    Alembic would read and run every file to say the same, and takes longer to load than a
    start that finds everything up to date may take.
    """
    names = (module.name for module in pkgutil.iter_modules(versions.__path__))
    return tuple(sorted(name.partition("_")[0] for name in names))


def newest_revision() -> str:
    """The revision that this program reads and writes."""
    return _revisions()[-1]


def known_revisions() -> frozenset[str]:
    """All revisions that this program can bring up to date."""
    return frozenset(_revisions())


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database behind `connection` to `revision`; all steps or none."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # As a package resource, so that it is found in a frozen program too.
    config.set_main_option("script_location", "engine.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
