"""The shape of the database: which revision a file has, and the way to the newest."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    # As a package resource, so that it is found in a frozen program too.
    config.set_main_option("script_location", "engine.store:migrations")
    return config


def newest_revision() -> str:
    """The revision that this program reads and writes."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None, "the program was built without its migrations"
    return newest


def known_revisions() -> frozenset[str]:
    """All revisions that this program can bring up to date."""
    script = ScriptDirectory.from_config(_config())
    return frozenset(step.revision for step in script.walk_revisions())


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database behind `connection` to `revision`; all steps or none."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
