"""What is asked about a session after it is drawn: its doubt, the price of its refusals, why it
decided as it did."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import Cancelled, Fault
from engine.messages.doubt import BlockedPrice, Doubt
from engine.messages.review import Review
from engine.messages.trade_ranges import TradeRanges
from engine.messages.why import Why
from trader_gui.door.bridge import Bridge
from trader_gui.pages.review.funnel import FunnelBlock
from trader_gui.pages.review.why import WhyPanel
from trader_gui.panels.trust_block import TrustBlock

AFTER_MS: Final = 120
"""The review is painted first."""


class LateQuestions(QObject):
    """Asks the engine and hands the answers to `trust`, `refusals` and `reasons`. `judged(Doubt)`,
    or `unjudged(words)` where it cannot be; `followed(TradeRanges)`; `failed(Fault)`. `outdated()`
    where what is shown is not what is stored, and `lost(Fault)` where that cannot be read any
    more."""

    outdated = Signal()
    lost = Signal(object)
    judged = Signal(object)
    unjudged = Signal(str)
    followed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        trust: TrustBlock,
        refusals: FunnelBlock,
        reasons: WhyPanel | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._trust, self._refusals = bridge, trust, refusals
        self._reasons = reasons
        self._session_id: int | None = None
        self._names: dict[str, str] = {}
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self._ask_soon)
        refusals.price_asked.connect(self._price)
        refusals.cancel_asked.connect(lambda: self._cancel("blocked"))
        if reasons is not None:
            reasons.asked.connect(self._ask_why)

    def about(self, review: Review) -> None:
        """Begin anew with the session of `review`."""
        self.stop()
        self._session_id = review.record.id
        self._refusals.forget_prices()
        self._trust.show_review(review)
        self._soon.start()
        if self._reasons is not None:
            self._reasons.begin(review.market)

    def stop(self) -> None:
        """Nothing is asked any more; answers on their way are not wanted."""
        self._session_id = None
        self._soon.stop()
        for what in list(self._names):
            self._cancel(what)

    def _cancel(self, what: str) -> None:
        self._bridge.cancel(self._names.pop(what, ""))

    def _ask_soon(self) -> None:
        if self._session_id is not None:
            self._ask_true(self._session_id)
            self._ask_doubt(self._session_id)
            if self._reasons is not None:  # who shows no reasons shows no trade by itself
                self._ask_ranges(self._session_id)

    def _ask_true(self, session_id: int) -> None:
        def take(is_true: bool) -> None:
            if self._session_id == session_id and not is_true:
                self.outdated.emit()

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id and not isinstance(fault, Cancelled):
                self.lost.emit(fault)

        self._names["true"] = self._bridge.ask(
            "true", lambda engine: engine.review_is_true(session_id), take, refuse
        )

    def _ask_doubt(self, session_id: int) -> None:
        def take(doubt: Doubt) -> None:
            if self._session_id == session_id:
                self._trust.show_doubt(doubt)
                self.judged.emit(doubt)

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id and not isinstance(fault, Cancelled):
                self._trust.show_trouble(fault.words)
                self.unjudged.emit(fault.words)

        self._names["doubt"] = self._bridge.ask_doubt(session_id, take, refuse)

    def _ask_ranges(self, session_id: int) -> None:
        def take(ranges: TradeRanges) -> None:
            if self._session_id == session_id:
                self.followed.emit(ranges)

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id and not isinstance(fault, Cancelled):
                self.failed.emit(fault)

        self._names["ranges"] = self._bridge.ask(
            "ranges", lambda engine: engine.trade_ranges(session_id), take, refuse
        )

    def _ask_why(self) -> None:
        session_id, panel = self._session_id, self._reasons
        if session_id is None or panel is None:
            return

        def take(why: Why) -> None:
            if self._session_id == session_id:
                panel.show_why(why)

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id and not isinstance(fault, Cancelled):
                panel.show_trouble(fault.words)

        self._cancel("why")
        self._names["why"] = self._bridge.ask(
            "why", lambda engine: engine.why(session_id), take, refuse
        )

    def _price(self) -> None:
        session_id = self._session_id
        if session_id is None:
            return

        def take(prices: tuple[BlockedPrice, ...]) -> None:
            if self._session_id == session_id:
                self._refusals.show_prices(prices)

        def refuse(fault: Fault) -> None:
            if self._session_id == session_id:
                self._refusals.show_prices(None)
                if not isinstance(fault, Cancelled):
                    self.failed.emit(fault)

        self._refusals.show_progress(None)
        self._names["blocked"] = self._bridge.price_blocked(
            session_id, take, refuse, self._refusals.show_progress
        )
