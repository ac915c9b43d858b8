"""Run by alembic for each upgrade, on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from engine.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    # Alembic takes SQLite for a database that cannot roll back its own tables; with explicit
    # BEGIN it can, so a step that fails leaves the file as it was.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
