"""An engine in memory as it stands after a start: bots that ran, one of which missed its stop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from engine.domain.bots import BotState
from engine.messages.recovery import Difference, Missed, RanBot, RestartCheck, WouldBeExit
from tests.gui.fakes import FakeEngine
from tests.gui.stories import Story, five_bots

HOUR = 3_600_000
FILE = "The database file is whole (checked in 0.2 s)."
DIFFERENCE = Difference(
    104,
    "fills",
    "S-0104, table fills: row 7 has fee 0.9 where the events say 0.97. It was made right from the "
    "events; the file as it was is kept in backups/trader-0003-0005.db.",
    repaired=True,
)


def interrupted(story: Story) -> Story:
    story.state, story.interrupted = BotState.STOPPED, True
    story.unguarded = story.position != 0
    return story


def restarted(folder: Path, *, crashed: bool = True, differences: bool = True) -> FakeEngine:
    """Five bots ran. The first holds something on an exchange whose price is beyond its stop."""
    stories = [interrupted(story) for story in five_bots()]
    engine = FakeEngine(folder, stories)
    held = [story for story in stories if story.position]
    first = held[0].on_exchange()
    first.feed = None
    sign = 1 if first.position > 0 else -1
    scale = first.market.scale
    beyond = scale.price(first.stop - sign * 900)
    engine.missed = {
        story.bot_id: Missed("Nothing was missed: the simulated market waited.")
        for story in stories
    }
    engine.missed[first.bot_id] = Missed(
        "223 candles of 1m missed, from 2026-03-12 06:20 to 2026-03-12 10:03 UTC.",
        223,
        WouldBeExit("stop", scale.price(first.stop), engine.now - 2 * HOUR, beyond),
        beyond + Decimal(5) * sign,
    )
    ran = tuple(
        RanBot(story.bot_id, story.session_id, crashed, engine.now - 4 * HOUR) for story in stories
    )
    found = (DIFFERENCE,) if differences else ()
    engine.restart = RestartCheck(file_words=FILE, ran=ran, differences=found)
    return engine
