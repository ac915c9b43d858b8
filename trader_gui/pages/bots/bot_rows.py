"""All bots as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.domain.bots import FeedKind
from engine.domain.candles import timeframe_text
from engine.domain.money import plain
from engine.domain.strategy import StrategyCard
from engine.language import tr
from engine.messages.snapshot import BotSnapshot
from trader_gui import format as fmt
from trader_gui.models import facts
from trader_gui.models.table_model import Column, Look


@dataclass(frozen=True, eq=False)
class BotRows:
    """The bots of a snapshot; `cards` of strategies by name."""

    bots: tuple[BotSnapshot, ...] = ()
    cards: Mapping[str, StrategyCard] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.bots)

    def title(self, row: int) -> str:
        name = self.bots[row].settings.strategy
        return self.cards[name].title if name in self.cards else name

    def params(self, row: int) -> str:
        """All parameters, those that nobody set with their usual value."""
        settings = self.bots[row].settings
        card = self.cards.get(settings.strategy)
        usual = {p.name: p.default for p in card.parameters} if card else {}
        return facts.params_text({**usual, **settings.params}.values())

    def texts(self, of: list[str]) -> np.ndarray:
        return np.array(of, dtype=object)


def _source(bot: BotSnapshot) -> str:
    feed = bot.settings.feed
    if feed.kind is FeedKind.SIMULATED:
        return tr("Simulated market")
    if feed.exchange:
        return feed.exchange
    name = feed.path.replace("\\", "/").rpartition("/")[2]
    return name or fmt.UNKNOWN


def bot_columns() -> tuple[Column[BotRows], ...]:
    """The columns of the Bots page."""
    return (
        Column(
            "name",
            tr("Bot"),
            lambda rows: rows.texts([bot.settings.name for bot in rows.bots]),
            lambda rows, i: rows.bots[i].settings.name,
            look=Look.STRONG,
            width=130,
            wide=True,
            hint=tr("Name of the bot. A double click opens its settings."),
        ),
        Column(
            "mode",
            tr("Mode"),
            lambda rows: rows.texts([bot.settings.mode.value for bot in rows.bots]),
            lambda rows, i: rows.bots[i].settings.mode.value.upper(),
            look=Look.BADGE,
            width=76,
            drops=2,
            hint=tr("PAPER: play money on real, recorded or generated prices."),
        ),
        Column(
            "state",
            tr("State"),
            lambda rows: rows.texts([facts.state_said(bot).words for bot in rows.bots]),
            lambda rows, i: facts.state_said(rows.bots[i]).words,
            look=Look.GLYPH,
            tone=lambda rows, i: facts.glyph_state(rows.bots[i]),
            width=124,
            hint=tr("What it does now."),
        ),
        Column(
            "symbol",
            tr("Symbol"),
            lambda rows: rows.texts([bot.settings.symbol for bot in rows.bots]),
            lambda rows, i: rows.bots[i].settings.symbol,
            tone=lambda rows, i: "text2",
            second=lambda rows, i: timeframe_text(rows.bots[i].settings.timeframe_ms),
            width=118,
            hint=tr("The market, and the length of its candles."),
        ),
        Column(
            "strategy",
            tr("Strategy"),
            lambda rows: rows.texts([rows.title(i) for i in range(len(rows))]),
            lambda rows, i: rows.title(i),
            second=lambda rows, i: rows.params(i),
            width=178,
            hint=tr("What asks for its trades, with its parameters."),
        ),
        *_money_columns(),
    )


def _money_columns() -> tuple[Column[BotRows], ...]:
    return (
        Column(
            "prices",
            tr("Prices from"),
            lambda rows: rows.texts([_source(bot) for bot in rows.bots]),
            lambda rows, i: _source(rows.bots[i]),
            tone=lambda rows, i: "text2",
            width=124,
            drops=1,
            hint=tr("Where its prices come from: the simulated market, an exchange, or a file."),
        ),
        Column(
            "share",
            tr("Share"),
            lambda rows: np.array([float(bot.settings.trade.cash) for bot in rows.bots]),
            lambda rows, i: facts.money(rows.bots[i], rows.bots[i].settings.trade.cash),
            plain=lambda rows, i: plain(rows.bots[i].settings.trade.cash),
            right=True,
            width=92,
            hint=tr("Play money that it began with; it is taken from the paper account."),
        ),
        Column(
            "position",
            tr("Position"),
            lambda rows: np.array([bot.session.position for bot in rows.bots], np.int64),
            lambda rows, i: facts.side_said(rows.bots[i]).words,
            tone=lambda rows, i: facts.side_said(rows.bots[i]).tone,
            width=90,
            hint=tr("What it holds now, in coins."),
        ),
        Column(
            "today",
            tr("Today (UTC)"),
            lambda rows: np.array([float(facts.day_gain(bot)) for bot in rows.bots]),
            lambda rows, i: facts.pnl(rows.bots[i], facts.day_gain(rows.bots[i])).words,
            look=Look.STRONG,
            tone=lambda rows, i: facts.pnl(rows.bots[i], facts.day_gain(rows.bots[i])).tone,
            right=True,
            width=96,
            hint=tr("Realised today plus the open position"),
        ),
    )
