"""Questions before something is deleted, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable

from engine.domain.archive import Coverage
from engine.language import tr
from engine.messages.commands import DeleteBot, DeleteCandles
from trader_gui.coverage.facts import size_text
from trader_gui.door.bridge import Bridge
from trader_gui.door.engine_face import Answer
from trader_gui.frame.main_window import MainWindow
from trader_gui.widgets.scrim import Choice


def ask_to_delete_bot(window: MainWindow, bridge: Bridge, bot_id: int) -> None:
    """Delete a bot after a question; its sessions stay in the history."""
    bot = bridge.snapshot.bot(bot_id)
    if bot is None:
        return
    name = bot.settings.name
    card = window.ask(
        tr("Delete {name}?", name=name),
        tr("The bot goes away and its share goes back to the account. Its sessions stay."),
        [Choice("keep", tr("Keep bot")), Choice("delete", tr("Delete bot"), "danger")],
    )

    def deleted(answer: Answer) -> None:
        window.toasts.show(tr("{name} was deleted. Its sessions stay.", name=name))

    def answered(key: str) -> None:
        if key == "delete":
            bridge.send(DeleteBot(bot_id), deleted)

    card.answered.connect(answered)


def ask_to_delete_candles(
    window: MainWindow, bridge: Bridge, gone: Callable[[], object], cover: Coverage
) -> None:
    """Delete kept candles after a question, then call `gone`; sessions that were played on them
    stay."""
    series = cover.series
    card = window.ask(
        tr("Delete {name}?", name=series.label),
        tr(
            "{count:,} candles ({size}) go away. Sessions that were played on them stay and can "
            "be reviewed.",
            count=cover.bars,
            size=size_text(cover.size),
        ),
        [Choice("keep", tr("Keep candles")), Choice("delete", tr("Delete candles"), "danger")],
    )

    def deleted(answer: Answer) -> None:
        freed = size_text(answer) if isinstance(answer, int) else ""
        window.toasts.show(
            tr("{candles} was deleted; {freed} are free.", candles=series.label, freed=freed)
        )
        gone()

    def answered(key: str) -> None:
        if key == "delete":
            bridge.send(DeleteCandles(series), deleted)

    card.answered.connect(answered)
