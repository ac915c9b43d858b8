"""Bots as set up by a person."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from engine.domain.bots import BotSettings
from engine.errors import IllegalStep, UnknownName
from engine.language import tr
from engine.store.action import Action
from engine.store.database import Store
from engine.store.exact_json import from_text, to_text
from engine.store.records import BotRecord, BotStanding
from engine.store.repositories import bot_states
from engine.store.tables import BOTS


def add(db: Action, bot: BotRecord) -> None:
    """Store a new bot, stopped; `bot.id` comes from ``store.next_id("bots")``."""
    db.run(
        insert(BOTS),
        {"id": bot.id, "settings": to_text(bot.settings), "created_at": bot.created_at},
    )
    bot_states.add(db, BotStanding(bot.id, updated_at=bot.created_at))


def change(db: Action, bot_id: int, settings: BotSettings) -> None:
    """Replace a bot's settings; the action fails with UnknownName if there is no such bot."""
    db.run(
        update(BOTS).where(BOTS.c.id == bot_id).values(settings=to_text(settings)),
        refusal=_unknown(bot_id),
    )


def remove(db: Action, bot_id: int) -> None:
    """Forget a bot and its state; its sessions stay. Fails with IllegalStep while it runs."""
    db.run(
        delete(BOTS).where(BOTS.c.id == bot_id),
        refusal=IllegalStep(
            tr(
                "Bot {bot_id} runs, or is not there any more. It was not deleted. Stop it first.",
                bot_id=bot_id,
            )
        ),
    )


async def every(store: Store) -> tuple[BotRecord, ...]:
    """All bots, oldest first."""
    async with store.reading() as session:
        found = (await session.execute(select(BOTS).order_by(BOTS.c.id))).all()
    return tuple(
        BotRecord(row.id, from_text(BotSettings, row.settings), row.created_at) for row in found
    )


async def get(store: Store, bot_id: int) -> BotRecord:
    """One bot, or UnknownName."""
    async with store.reading() as session:
        row = (await session.execute(select(BOTS).where(BOTS.c.id == bot_id))).one_or_none()
    if row is None:
        raise _unknown(bot_id)
    return BotRecord(row.id, from_text(BotSettings, row.settings), row.created_at)


def _unknown(bot_id: int) -> UnknownName:
    return UnknownName(
        tr("There is no bot {bot_id}. Perhaps it was deleted; look at the list.", bot_id=bot_id)
    )
