"""Bots with a past, made from generated prices through the real `Fold`: no engine, no tasks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.domain.bots import BotSettings, BotState, FeedChoice, FeedKind
from engine.domain.listings import FeedCondition, FeedStatus, Way
from engine.domain.market import Market
from engine.domain.reasons import Action, EndReason, ExitReason, Input, Refusal, StopSource
from engine.domain.sessions import SessionRecord, SessionResult, SessionSettings, SessionStatus
from engine.domain.settings import TradeSettings
from engine.domain.sub_states import SubState
from engine.errors import FaultKind
from engine.messages import events as ev
from engine.messages.events import EventKind, observation
from engine.messages.fold import Fold
from engine.messages.histories import (
    EQUITY_WIDTH,
    CandleColumns,
    ChartView,
    EquityView,
    FormingCandle,
    IntTable,
    TableView,
)
from engine.messages.review import Review
from engine.messages.snapshot import (
    BotError,
    BotSnapshot,
    PriceRow,
    Retry,
)
from tests.gui.story_markets import BTC, ETH, MINUTE, SOL, START_AT, average, candles


class Story:
    """One bot with one session; verbs append events, `snapshot()` freezes."""

    def __init__(
        self,
        bot_id: int = 1,
        name: str = "btc-trend-1",
        market: Market = BTC,
        *,
        strategy: str = "ema_cross",
        seed: int = 1,
        first: float = 97_000.0,
        bars: int = 200,
    ) -> None:
        history = candles(market, bars, seed=seed, first=first)
        closes = history.close
        self.market = market
        self.columns = CandleColumns(
            history, {"EMA 9": average(closes, 9), "EMA 21": average(closes, 21)}
        )
        self.settings = BotSettings(
            name,
            market.symbol,
            MINUTE,
            strategy,
            {"fast": 9, "slow": 21} if strategy == "ema_cross" else {},
            FeedChoice(FeedKind.SIMULATED, seed=seed),
            TradeSettings(stop_loss_pct=Decimal("1.2"), max_trades_per_day=8),
        )
        self.bot_id, self.session_id = bot_id, 100 + bot_id
        self.fold, self.equity = Fold(), IntTable(EQUITY_WIDTH)
        self.cash = market.scale.money_count(Decimal(10_000))
        self.position = self.entry = self.stop = self.target = self.trade = self.no = 0
        self.stop_by, self.liquidation, self.cost = StopSource.STOP_LOSS, 0, 0
        self.bar = 0
        self.price = self.count(closes[0])
        self.state, self.sub_state, self.sub_words = BotState.RUNNING, SubState.NONE, ""
        self.interrupted = self.unguarded = False
        self.error: BotError | None = None
        self.feed: FeedStatus | None = None
        self._seen: tuple[object, BotSnapshot] | None = None
        self._event(EventKind.SESSION_STARTED)
        self.go(40)

    def count(self, price: float) -> int:
        return round(price / float(self.market.price_step))

    @property
    def at(self) -> int:
        return START_AT + self.bar * MINUTE

    def go(self, bars: int = 1) -> Story:
        """Let `bars` candles close: price, equity."""
        closes = self.columns.candles(len(self.columns)).close
        for _ in range(bars):
            if self.bar + 1 >= len(closes):
                self.grow()
                closes = self.columns.candles(len(self.columns)).close
            self.price = self.count(closes[self.bar])
            self.bar += 1
            worth = self.fold.snapshot().equity_at(self.price)
            self.equity.append(np.array([[self.at, worth]], np.int64))
        return self

    def grow(self) -> None:
        """One more candle behind the last."""
        last = self.columns.candles(len(self.columns)).part(len(self.columns) - 1, 10**9)
        self.columns.append(
            replace(last, open_at=last.open_at + MINUTE), {"EMA 9": float(last.close[0])}
        )

    def _event(self, kind: EventKind, note: str = "", **fields: int) -> None:
        self.no += 1
        row = np.zeros((1, ev.EVENT_WIDTH), np.int64)
        row[0, ev.KIND], row[0, ev.NO] = kind, self.no
        row[0, ev.ROW_AT] = row[0, ev.AT] = self.at
        row[0, ev.CASH], row[0, ev.POSITION], row[0, ev.ENTRY] = (
            self.cash,
            self.position,
            self.entry,
        )
        row[0, ev.STOP], row[0, ev.TARGET], row[0, ev.TRADE] = self.stop, self.target, self.trade
        row[0, ev.STOP_BY], row[0, ev.LIQUIDATION] = self.stop_by, self.liquidation
        row[0, ev.COST] = row[0, ev.COLLATERAL] = abs(self.position) * self.entry
        for name, value in fields.items():
            row[0, getattr(ev, name.upper())] = value
        self.fold.feed(row, [note])

    def signal(
        self, action: Action = Action.BUY, note: str = "EMA 9 crossed above EMA 21"
    ) -> Story:
        self._event(EventKind.SIGNAL, note, action=action, price=self.price)
        return self

    def refuse(self, code: Refusal = Refusal.COOLDOWN, action: Action = Action.BUY) -> Story:
        limits = {"limit": 1_800_000, "actual": 720_000}
        self._event(EventKind.REFUSAL, action=action, code=code, price=self.price, **limits)
        return self

    def enter(self, amount: int = 250, *, short: bool = False) -> Story:
        """Signal, fill at the price, levels 1.2 % and 2.8 % away."""
        action, sign = (Action.SHORT, -1) if short else (Action.BUY, 1)
        self.signal(action)
        self.position, self.entry, self.cost = sign * amount, self.price, amount * self.price
        self.stop_by = StopSource.STOP_LOSS
        self.stop = round(self.price * (1 - sign * 0.012))
        self.target = round(self.price * (1 + sign * 0.028))
        fee = amount * self.price // 1000
        self.cash -= amount * self.price + fee
        traded = {"action": action, "side": sign, "price": self.price, "amount": amount}
        self.trade = self.no + 2
        self._event(EventKind.FILL, **traded, fee=fee, limit=self.price)
        self._event(EventKind.TRADE_OPENED, **traded)
        return self

    def trail(self, move: float = 0.004, by: StopSource = StopSource.TRAILING) -> Story:
        before, sign = self.stop, 1 if self.position > 0 else -1
        self.stop, self.stop_by = round(self.stop * (1 + sign * move)), by
        self._event(EventKind.LEVEL_MOVED, limit=before, actual=self.price)
        return self

    def move(self, code: Input, level: int) -> Story:
        """Stop or target put to `level` by hand."""
        before = self.stop if code is Input.MOVE_STOP else self.target
        if code is Input.MOVE_STOP:
            self.stop, self.stop_by = level, StopSource.HAND
        else:
            self.target = level
        self._event(EventKind.COMMANDED, code=code, price=level, limit=before)
        return self

    def add(self, amount: int = 250) -> Story:
        """As much again at the price now."""
        action, sign = (Action.BUY, 1) if self.position > 0 else (Action.SHORT, -1)
        fee = amount * self.price // 1000
        self.position, self.cost = self.position + sign * amount, self.cost + amount * self.price
        self.entry = round(self.cost / abs(self.position))
        self.cash -= amount * self.price + fee
        traded = {"action": action, "side": sign, "price": self.price, "amount": amount}
        self._event(EventKind.FILL, **traded, fee=fee, limit=self.price)
        self._event(EventKind.POSITION_ADDED, **traded, limit=self.price)
        return self

    def part(self, amount: int = 100, move: float = 0.01) -> Story:
        """Close a part at a partial target, `move` better than the entry."""
        sign = 1 if self.position > 0 else -1
        price, part = round(self.entry * (1 + sign * move)), amount * self.entry
        fee, gross = amount * price // 1000, sign * amount * (price - self.entry)
        self.position, self.cost = self.position - sign * amount, self.cost - part
        self.cash += part + gross - fee
        action = Action.SELL if sign > 0 else Action.COVER
        traded = {"action": action, "side": sign, "price": price, "amount": amount}
        self._event(EventKind.FILL, **traded, code=ExitReason.PARTIAL_TARGET, fee=fee, pnl=gross)
        return self

    def leave(self, reason: ExitReason = ExitReason.TAKE_PROFIT, move: float = 0.01) -> Story:
        """Close at a price `move` better (or worse, below zero) than the entry."""
        sign = 1 if self.position > 0 else -1
        price, amount, entry = round(self.entry * (1 + sign * move)), abs(self.position), self.entry
        action = Action.SELL if sign > 0 else Action.COVER
        traded = {"action": action, "side": sign, "price": price, "amount": amount, "code": reason}
        if reason in (ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS):
            self._event(EventKind.LEVEL_TOUCHED, **traded, limit=price)
        gross, fee = self.position * (price - entry), amount * price // 1000
        paid = amount * entry // 1000
        self.cash += amount * entry + gross - fee
        self.position = self.entry = self.stop = self.target = self.cost = 0
        self.stop_by, self.liquidation = StopSource.STOP_LOSS, 0
        self._event(EventKind.FILL, **traded, fee=fee, pnl=gross)
        self._event(
            EventKind.TRADE_CLOSED, **traded, entry=entry, pnl=gross - fee - paid, actual=fee + paid
        )
        self.trade = 0
        return self

    def check(self, words: str = "LONG 0.0250: PnL +2.10 (+0.08 %), to stop −1.20 %") -> Story:
        self.fold.feed(observation(EventKind.POSITION_CHECK, self.at, price=self.price), [words])
        return self

    def fail(
        self,
        words: str = "The strategy returned NaN. The bot was stopped.",
        kind: FaultKind = FaultKind.STRATEGY,
        retry: Retry | None = None,
    ) -> Story:
        self.state = BotState.ERROR
        self.error = BotError(kind, words, "Traceback", self.at, retry)
        if retry is not None:
            self.doing(SubState.TRYING_AGAIN)
        self.fold.feed(observation(EventKind.ERROR, self.at), [words])
        return self

    def doing(self, sub_state: SubState, **filled: object) -> Story:
        """What it does within its state."""
        self.sub_state, self.sub_words = sub_state, sub_state.words(**filled)
        return self

    def end(self) -> Story:
        self._event(EventKind.SESSION_ENDED, code=EndReason.STOPPED)
        self.state, self.unguarded = BotState.STOPPED, self.position != 0
        return self

    def command(self, code: Input) -> Story:
        self._event(EventKind.COMMANDED, code=code)
        return self

    def snapshot(self) -> BotSnapshot:
        """The same object again while nothing happened."""
        key = (
            len(self.fold.log),
            self.bar,
            self.price,
            self.state,
            self.sub_words,
            self.interrupted,
            self.unguarded,
            self.error,
            self.settings,
            self.feed,
        )
        if self._seen is None or self._seen[0] != key:
            self._seen = (key, self._frozen())
        return self._seen[1]

    def _frozen(self) -> BotSnapshot:
        price = float(self.market.scale.price(self.price))
        forming = FormingCandle(self.at, price, price * 1.0004, price * 0.9996, price, 3.0)
        running = self.state is BotState.RUNNING
        return BotSnapshot(
            bot_id=self.bot_id,
            settings=self.settings,
            market=self.market,
            state=self.state,
            sub_state=self.sub_state,
            sub_words=self.sub_words,
            session_id=self.session_id,
            session=self.fold.snapshot(),
            price=PriceRow(self.at, self.price),
            chart=ChartView(self.columns, self.bar, forming if running else None),
            equity=EquityView(TableView(self.equity, len(self.equity))),
            next_close_at=self.at + MINUTE if running else None,
            interrupted=self.interrupted,
            unguarded=self.unguarded,
            error=self.error,
            feed=self.feed,
        )

    def on_exchange(
        self,
        condition: FeedCondition = FeedCondition.FRESH,
        words: str = "Trades by websocket",
        *,
        reconnects: int = 0,
        skew_ms: int | None = 120,
    ) -> Story:
        """Live prices of binance from now on, in this condition."""
        feed = FeedChoice(FeedKind.EXCHANGE, exchange="binance")
        self.settings = replace(self.settings, feed=feed)
        self.market = replace(self.market, source="binance")
        self.feed = FeedStatus("binance", Way.TRADES, condition, words, skew_ms, reconnects)
        return self

    def record(self, status: SessionStatus | None = None) -> SessionRecord:
        session, worth = self.fold.snapshot(), self.equity.table[:, 1]
        running = self.state is BotState.RUNNING
        status = status or (SessionStatus.RUNNING if running else SessionStatus.FINISHED)
        chosen = self.settings
        first, drop = int(worth[0]), int(np.max(np.maximum.accumulate(worth) - worth))
        return SessionRecord(
            id=self.session_id,
            bot_id=self.bot_id,
            bot_name=chosen.name,
            mode=chosen.mode,
            settings=SessionSettings(
                chosen.symbol,
                MINUTE,
                chosen.strategy,
                chosen.params,
                chosen.trade,
                self.market.scale,
                self.market.order_step,
                Decimal(0),
                Decimal(0),
                "SIMULATED",
                source_path=chosen.feed.path,
            ),
            status=status,
            started_at=START_AT,
            ended_at=None if status is SessionStatus.RUNNING else self.at,
            created_at=START_AT,
            end_reason=session.ended,
            event_hash="c0ffee" * 8,
            result=SessionResult(
                self.bar,
                len(session.trades),
                session.wins,
                session.realised,
                session.fees,
                first,
                int(worth[-1]),
                drop,
                100 * drop / first,
            ),
            program_version="0.1.0",
        )

    def review(self) -> Review:
        candle = self.columns.candles(self.bar)
        counts = np.rint(candle.close / float(self.market.price_step)).astype(np.int64)
        closes = candle.open_at + MINUTE
        return Review(
            self.record(), self.market, self.fold.log, self.columns, 0, self.equity, closes, counts
        )


def five_bots() -> list[Story]:
    """What StartSimulation makes: different strategies, sides and moods."""
    up = Story(1, "btc-trend-1").enter().go(20).leave().go(10).refuse().go(5).enter().go(15).trail()
    down = Story(2, "eth-meanrev", ETH, strategy="rsi_reversion", seed=2, first=3_200.0)
    down.enter(2_000).go(12).leave(ExitReason.STOP_LOSS, -0.006).go(20)
    short = (
        Story(3, "sol-breakout", SOL, seed=3, first=186.0).enter(1_200, short=True).go(25).check()
    )
    warming = Story(4, "eth-trend", ETH, seed=4, first=3_180.0)
    warming.state = BotState.PENDING
    warming.doing(SubState.WARMING_UP, known=142, wanted=200)
    flat = Story(5, "btc-range", seed=5, strategy="rsi_reversion").go(30)
    return [up, down, short, warming, flat]
